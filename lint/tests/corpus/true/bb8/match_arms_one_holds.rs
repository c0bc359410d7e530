// Only the arm that found the account waits for the remote wallet.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn balance(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    wallets: &Wallets,
    account: i64,
) -> anyhow::Result<Option<i64>> {
    let conn = pool.get().await?;
    let row = conn.query_opt("SELECT wallet FROM accounts WHERE id = $1", &[&account]).await?;
    match row {
        None => Ok(None),
        Some(row) => {
            let wallet: String = row.get(0);
            Ok(Some(wallets.balance(&wallet).await?)) //~ SA001
        }
    }
}

pub struct Wallets {
    rpc: reqwest::Client,
}

impl Wallets {
    pub async fn balance(&self, wallet: &str) -> anyhow::Result<i64> {
        Ok(self.rpc.post("http://wallet").body(wallet.to_owned()).send().await?.json().await?)
    }
}

// Repositories borrow the transaction, which is still open when they are done.
use sqlx::{PgConnection, PgPool};

pub struct Wallets<'c>(&'c mut PgConnection);

impl<'c> From<&'c mut PgConnection> for Wallets<'c> {
    fn from(conn: &'c mut PgConnection) -> Self {
        Self(conn)
    }
}

impl Wallets<'_> {
    pub async fn lock(&mut self, id: i64) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT cents FROM wallets WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_one(&mut *self.0)
            .await
    }

    pub async fn set(&mut self, id: i64, cents: i64) -> sqlx::Result<()> {
        sqlx::query("UPDATE wallets SET cents = $1 WHERE id = $2")
            .bind(cents)
            .bind(id)
            .execute(&mut *self.0)
            .await?;
        Ok(())
    }
}

pub async fn top_up(pool: &PgPool, card: &CardApi, wallet: i64, cents: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let before = Wallets::from(&mut *tx).lock(wallet).await?;
    card.charge(wallet, cents).await?; //~ SA001
    Wallets::from(&mut *tx).set(wallet, before + cents).await?;
    tx.commit().await?;
    Ok(())
}

pub struct CardApi(reqwest::Client);

impl CardApi {
    pub async fn charge(&self, wallet: i64, cents: i64) -> anyhow::Result<()> {
        self.0.post("http://cards").json(&(wallet, cents)).send().await?;
        Ok(())
    }
}

// The store has a place for a transaction beside its pool; nothing is in it until `begin`.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Ledger {
    pool: PgPool,
    open: Option<Transaction<'static, Postgres>>,
}

impl Ledger {
    async fn load(pool: PgPool) -> Result<Self, sqlx::Error> {
        sqlx::query("SELECT 1").execute(&pool).await?;
        Ok(Self { pool, open: None })
    }
}

pub async fn start(pool: PgPool, http: &reqwest::Client) -> anyhow::Result<Ledger> {
    let ledger = Ledger::load(pool).await?;
    http.post("http://registry").send().await?;
    Ok(ledger)
}

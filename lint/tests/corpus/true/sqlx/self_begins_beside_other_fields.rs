// The method begins a transaction in one field and counts in another.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Ledger {
    pool: PgPool,
    open: Option<Transaction<'static, Postgres>>,
    entries: u32,
}

impl Ledger {
    pub async fn begin(&mut self) -> Result<(), sqlx::Error> {
        self.entries = 0;
        self.open = Some(self.pool.begin().await?);
        Ok(())
    }

    pub async fn start_over(&mut self) -> Result<(), sqlx::Error> {
        self.entries = 0;
        Ok(())
    }
}

pub async fn book(ledger: &mut Ledger, http: &reqwest::Client) -> anyhow::Result<()> {
    ledger.start_over().await?;
    http.get("http://rates/before").send().await?;
    ledger.begin().await?;
    http.get("http://rates").send().await?; //~ SA001
    Ok(())
}

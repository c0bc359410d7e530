// The transaction is taken out of its option and a receipt is printed before it is committed.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Till {
    open: Option<Transaction<'static, Postgres>>,
}

impl Till {
    pub async fn open(&mut self, pool: &PgPool) -> sqlx::Result<()> {
        self.open = Some(pool.begin().await?);
        Ok(())
    }

    pub async fn close(&mut self, printer: &Printer) -> anyhow::Result<()> {
        if let Some(mut tx) = self.open.take() {
            let total: i64 = sqlx::query_scalar("SELECT sum(cents) FROM sales WHERE till = 1")
                .fetch_one(&mut *tx)
                .await?;
            printer.receipt(total).await?; //~ SA001
            tx.commit().await?;
        }
        Ok(())
    }
}

pub struct Printer(reqwest::Client);

impl Printer {
    pub async fn receipt(&self, total: i64) -> anyhow::Result<()> {
        self.0.post("http://printer").body(total.to_string()).send().await?;
        Ok(())
    }
}

// The one remote call that is meant to be inside carries an allow comment with its reason.
use sqlx::PgPool;

pub async fn next_number(pool: &PgPool, fiscal: &FiscalPrinter, till: i32) -> anyhow::Result<i64> {
    let mut tx = pool.begin().await?;
    let number: i64 = sqlx::query_scalar("UPDATE tills SET n = n + 1 WHERE id = $1 RETURNING n")
        .bind(till)
        .fetch_one(&mut *tx)
        .await?;
    // shortlease: allow(SA001, reason = "the law wants printer and ledger to agree")
    fiscal.print(number).await?;
    tx.commit().await?;
    Ok(number)
}

pub struct FiscalPrinter {
    channel: tonic::transport::Channel,
}

impl FiscalPrinter {
    pub async fn print(&self, number: i64) -> anyhow::Result<()> {
        PrinterClient::new(self.channel.clone()).print(number).await?;
        Ok(())
    }
}

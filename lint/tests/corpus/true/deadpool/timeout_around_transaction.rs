// A timeout surrounds the statement that opens the transaction of a pooled client.
use deadpool_postgres::Pool;
use std::time::Duration;
use tokio::time;

pub async fn with_deadline(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.get().await?;
    let tx = time::timeout(Duration::from_secs(1), client.transaction()).await??; //~ SA008
    tx.batch_execute("REFRESH MATERIALIZED VIEW totals").await?;
    tx.commit().await?;
    Ok(())
}

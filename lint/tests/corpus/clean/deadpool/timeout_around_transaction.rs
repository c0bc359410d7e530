// A timeout around a call on the client itself waits only on the database; dropping it rolls back.
use deadpool_postgres::Pool;
use std::time::Duration;
use tokio::time;

pub async fn with_deadline(pool: &Pool) -> anyhow::Result<()> {
    let mut client = pool.get().await?;
    let tx = time::timeout(Duration::from_secs(1), client.transaction()).await??;
    tx.batch_execute("REFRESH MATERIALIZED VIEW totals").await?;
    tx.commit().await?;
    Ok(())
}

// A worker keeps one client for life and waits for its ticks with it.
use deadpool_postgres::Pool;
use std::time::Duration;

pub async fn reap(pool: Pool) -> anyhow::Result<()> {
    let client = pool.get().await?;
    let statement = client.prepare("DELETE FROM locks WHERE expires < now()").await?;
    let mut ticks = tokio::time::interval(Duration::from_secs(30));
    loop {
        ticks.tick().await; //~ SA003
        let gone = client.execute(&statement, &[]).await?;
        tracing::debug!(gone, "expired locks removed");
    }
}

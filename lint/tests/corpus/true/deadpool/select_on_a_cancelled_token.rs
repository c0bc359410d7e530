// A worker without jobs waits for its next round, or its end, with the client in its hands.
use deadpool_postgres::Pool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub async fn work(pool: &Pool, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let client = pool.get().await?;
        let jobs = client.query("SELECT id FROM jobs", &[]).await?;
        if jobs.is_empty() {
            tokio::select! { //~ SA003
                _ = stop.cancelled() => return Ok(()),
                _ = tokio::time::sleep(Duration::from_secs(5)) => continue,
            }
        }
        client.execute("DELETE FROM jobs", &[]).await?;
    }
}

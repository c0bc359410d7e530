// A delayed job captures the pool, sleeps, and takes its client afterwards.
use deadpool_postgres::Pool;
use std::time::Duration;
use tokio::task::JoinSet;

pub struct Rescans {
    jobs: JoinSet<()>,
    pool: Pool,
}

async fn rescan(pool: &Pool, pull: i64) -> anyhow::Result<()> {
    let client = pool.get().await?;
    client.execute("UPDATE pulls SET scanned = now() WHERE id = $1", &[&pull]).await?;
    Ok(())
}

impl Rescans {
    pub async fn schedule(&mut self, pull: i64) {
        let pool = self.pool.clone();
        self.jobs.spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            if let Err(error) = rescan(&pool, pull).await {
                tracing::error!(%error, pull, "rescan failed");
            }
        });
    }
}

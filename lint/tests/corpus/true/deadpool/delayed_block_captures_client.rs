// A delayed job captures its client when it is scheduled and sleeps with it.
use deadpool_postgres::{Client, Pool};
use std::time::Duration;
use tokio::task::JoinSet;

pub struct Rescans {
    jobs: JoinSet<()>,
    pool: Pool,
}

async fn rescan(client: &Client, pull: i64) -> Result<(), tokio_postgres::Error> {
    client.execute("UPDATE pulls SET scanned = now() WHERE id = $1", &[&pull]).await?;
    Ok(())
}

impl Rescans {
    pub async fn schedule(&mut self, pull: i64) -> anyhow::Result<()> {
        let client = self.pool.get().await?;
        self.jobs.spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await; //~ SA003
            if let Err(error) = rescan(&client, pull).await {
                tracing::error!(%error, pull, "rescan failed");
            }
        });
        Ok(())
    }
}

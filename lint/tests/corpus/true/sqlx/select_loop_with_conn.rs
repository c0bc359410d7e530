// A consumer keeps its connection while select! waits for the next message.
use sqlx::PgPool;
use tokio::sync::{mpsc, watch};

pub async fn consume(
    pool: PgPool,
    mut samples: mpsc::Receiver<f64>,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    loop {
        tokio::select! { //~ SA003
            sample = samples.recv() => {
                let Some(sample) = sample else { return Ok(()) };
                sqlx::query("INSERT INTO samples (value) VALUES ($1)").bind(sample).execute(&mut *conn).await?;
            }
            _ = stop.changed() => return Ok(()),
        }
    }
}

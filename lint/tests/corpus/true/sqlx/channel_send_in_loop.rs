// Rows are pushed into a bounded channel while the connection waits for the receiver.
use sqlx::PgPool;
use tokio::sync::mpsc;

pub struct Job {
    pub id: i64,
    pub payload: serde_json::Value,
}

pub async fn feed(pool: PgPool, jobs: mpsc::Sender<Job>) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let rows: Vec<(i64, serde_json::Value)> =
        sqlx::query_as("SELECT id, payload FROM jobs WHERE state = 'ready'")
            .fetch_all(&mut *conn)
            .await?;
    for (id, payload) in rows {
        jobs.send(Job { id, payload }).await?; //~ SA003
        sqlx::query("UPDATE jobs SET state = 'queued' WHERE id = $1")
            .bind(id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

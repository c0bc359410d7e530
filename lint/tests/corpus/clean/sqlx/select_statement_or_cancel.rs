// A select! lets a cancellation end a statement on the held connection.
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

pub async fn heavy(pool: &PgPool, stop: CancellationToken) -> anyhow::Result<Vec<i64>> {
    let mut conn = pool.acquire().await?;
    sqlx::query("SET work_mem = '256MB'").execute(&mut *conn).await?;
    tokio::select! {
        rows = sqlx::query_scalar("SELECT id FROM facts ORDER BY random()").fetch_all(&mut *conn) => Ok(rows?),
        _ = stop.cancelled() => anyhow::bail!("cancelled"),
    }
}

// The task owns the connection while it is waited for, without the word `move`.
use sqlx::PgPool;
use sqlx::pool::PoolConnection;

pub struct Snapshot {
    connection: PoolConnection<sqlx::Postgres>,
}

pub async fn overlaid(pool: &PgPool, changes: Vec<Change>) -> anyhow::Result<Overlay> {
    let snapshot = Snapshot { connection: pool.acquire().await? };
    let overlay = tokio::task::spawn_blocking(|| Overlay::new(snapshot, changes)).await?;
    Ok(overlay)
}

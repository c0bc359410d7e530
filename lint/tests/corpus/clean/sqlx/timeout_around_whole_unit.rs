// The timeout surrounds the whole unit of work, from begin to commit.
use sqlx::PgPool;
use std::time::Duration;

pub async fn with_deadline(pool: &PgPool, id: i64) -> anyhow::Result<()> {
    tokio::time::timeout(Duration::from_secs(3), mark(pool, id)).await??;
    Ok(())
}

async fn mark(pool: &PgPool, id: i64) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    sqlx::query("UPDATE marks SET set_at = now() WHERE id = $1")
        .bind(id)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO mark_log (mark) VALUES ($1)").bind(id).execute(&mut *conn).await?;
    Ok(())
}

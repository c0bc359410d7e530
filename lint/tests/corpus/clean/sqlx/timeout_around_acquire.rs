// A timeout around acquire() loses nothing when it fires.
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::timeout;

pub async fn visit(pool: &PgPool, page: i64) -> anyhow::Result<bool> {
    let Ok(conn) = timeout(Duration::from_millis(100), pool.acquire()).await else {
        return Ok(false);
    };
    let mut conn = conn?;
    sqlx::query("UPDATE pages SET views = views + 1 WHERE id = $1")
        .bind(page)
        .execute(&mut *conn)
        .await?;
    Ok(true)
}

// A worker sleeps between polls with its connection checked out.
use sqlx::PgPool;
use std::time::Duration;

pub async fn wait_for_export(pool: &PgPool, export: i64) -> sqlx::Result<String> {
    let mut conn = pool.acquire().await?;
    loop {
        let path: Option<String> = sqlx::query_scalar("SELECT path FROM exports WHERE id = $1")
            .bind(export)
            .fetch_one(&mut *conn)
            .await?;
        if let Some(path) = path {
            return Ok(path);
        }
        tokio::time::sleep(Duration::from_millis(500)).await; //~ SA003
    }
}

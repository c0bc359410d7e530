// A COPY that was started on the connection is fed and finished.
use sqlx::PgPool;

pub async fn load(pool: &PgPool, lines: &[String]) -> sqlx::Result<u64> {
    let mut conn = pool.acquire().await?;
    let mut copy = conn.copy_in_raw("COPY staging (line) FROM STDIN").await?;
    for line in lines {
        copy.send(format!("{line}\n").into_bytes()).await?;
    }
    copy.finish().await
}

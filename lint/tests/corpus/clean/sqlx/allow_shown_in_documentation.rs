// A doc comment shows how an allow is written.
use sqlx::PgPool;

/// Counts the rows.
///
/// A caller that holds a lock writes
/// shortlease: allow(SA003, reason = "the lock is this function's own")
pub async fn count(pool: &PgPool) -> Result<i64, sqlx::Error> {
    let mut conn = pool.acquire().await?;
    sqlx::query_scalar("SELECT count(*) FROM rows").fetch_one(&mut *conn).await
}

/// shortlease: allow(SA001, reason = "shown, not meant")
pub fn shown() {}

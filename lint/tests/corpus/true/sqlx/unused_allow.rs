// The allow comment outlived the call that it excused.
use sqlx::PgPool;

pub async fn touch(pool: &PgPool, session: &str) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    // shortlease: allow(SA001, reason = "the presence service answers in 2 ms") //~ SA011
    sqlx::query("UPDATE sessions SET seen = now() WHERE id = $1")
        .bind(session)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

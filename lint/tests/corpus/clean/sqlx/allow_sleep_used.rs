// An allow comment excuses a short sleep inside a transaction.
use sqlx::PgPool;
use std::time::Duration;

pub async fn soft_lock(pool: &PgPool, key: i64) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let mut locked = false;
    for _ in 0..3 {
        locked = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)")
            .bind(key)
            .fetch_one(&mut *tx)
            .await?;
        if locked {
            break;
        }
        // shortlease: allow(SA003, reason = "three times 5 ms at most, measured")
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tx.commit().await?;
    Ok(locked)
}

// A savepoint is begun on the transaction itself and ended on both paths.
use sqlx::{Acquire, PgPool};

pub async fn lenient(pool: &PgPool, names: &[&str]) -> sqlx::Result<u32> {
    let mut tx = pool.begin().await?;
    let mut stored = 0;
    for name in names {
        let mut point = tx.begin().await?;
        let done = sqlx::query("INSERT INTO names (name) VALUES ($1)")
            .bind(name)
            .execute(&mut *point)
            .await;
        if done.is_ok() {
            point.commit().await?;
            stored += 1;
        } else {
            point.rollback().await?;
        }
    }
    tx.commit().await?;
    Ok(stored)
}

// A thread sleep stands between two attempts inside a transaction.
use sqlx::PgPool;
use std::{thread, time::Duration};

pub async fn claim(pool: &PgPool, worker: &str) -> sqlx::Result<Option<i64>> {
    let mut tx = pool.begin().await?;
    let mut claimed = None;
    for _ in 0..3 {
        claimed = sqlx::query_scalar(
            "UPDATE jobs SET worker = $1 WHERE id = (SELECT id FROM jobs WHERE worker IS NULL LIMIT 1) RETURNING id",
        )
        .bind(worker)
        .fetch_optional(&mut *tx)
        .await?;
        if claimed.is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(20)); //~ SA004
    }
    tx.commit().await?;
    Ok(claimed)
}

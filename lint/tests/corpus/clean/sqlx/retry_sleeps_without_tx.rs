// Each attempt has its transaction in a function of its own; the wait stands outside.
use sqlx::PgPool;
use std::time::Duration;

pub async fn swap(pool: &PgPool, a: i64, b: i64) -> sqlx::Result<()> {
    let mut wait = Duration::from_millis(20);
    for _ in 0..4 {
        match try_swap(pool, a, b).await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("40001") => {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            other => return other,
        }
    }
    try_swap(pool, a, b).await
}

async fn try_swap(pool: &PgPool, a: i64, b: i64) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").execute(&mut *tx).await?;
    sqlx::query("UPDATE ranks SET pos = $1 - pos WHERE pos IN ($2, $3)")
        .bind(a + b)
        .bind(a)
        .bind(b)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

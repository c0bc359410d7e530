// An async helper that waits for nothing is awaited with the connection in hand.
use sqlx::PgPool;

async fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
}

pub async fn store(pool: &PgPool, bytes: &[u8]) -> sqlx::Result<i64> {
    let mut tx = pool.begin().await?;
    let sum = checksum(bytes).await;
    let id = sqlx::query_scalar("INSERT INTO blobs (bytes, sum) VALUES ($1, $2) RETURNING id")
        .bind(bytes)
        .bind(i64::from(sum))
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(id)
}

// A timeout cancels begin() halfway, and the open transaction goes back to the pool.
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::timeout;

pub async fn try_book(pool: &PgPool, seat: i64) -> Result<bool, BookingError> {
    let mut tx = timeout(Duration::from_millis(200), pool.begin()).await??; //~ SA008
    let done = sqlx::query("UPDATE seats SET taken = true WHERE id = $1 AND NOT taken")
        .bind(seat)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

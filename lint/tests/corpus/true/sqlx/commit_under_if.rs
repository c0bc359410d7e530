// The commit happens under a condition and nothing ends the transaction otherwise.
use sqlx::MySqlPool;

pub async fn expire_carts(pool: &MySqlPool, dry_run: bool) -> Result<u64, sqlx::Error> {
    let mut tx = pool.begin().await?; //~ SA005
    let removed = sqlx::query("DELETE FROM carts WHERE touched < NOW() - INTERVAL 2 DAY")
        .execute(&mut *tx)
        .await?
        .rows_affected();
    if !dry_run && removed > 0 {
        tx.commit().await?;
    }
    Ok(removed)
}

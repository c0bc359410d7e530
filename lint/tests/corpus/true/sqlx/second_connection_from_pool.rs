// A statement on the pool runs while a transaction of the same pool is open.
use sqlx::PgPool;

pub async fn transfer(pool: &PgPool, from: i64, to: i64, cents: i64) -> Result<(), LedgerError> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2")
        .bind(cents)
        .bind(from)
        .execute(&mut *tx)
        .await?;
    let open: bool = sqlx::query_scalar("SELECT open FROM accounts WHERE id = $1")
        .bind(to)
        .fetch_one(pool)
        .await?; //~ SA002
    if !open {
        return Err(LedgerError::Closed(to));
    }
    sqlx::query("UPDATE accounts SET balance = balance + $1 WHERE id = $2")
        .bind(cents)
        .bind(to)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

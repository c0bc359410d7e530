// Error paths leave the transaction to its drop, which rolls back.
use sqlx::PgPool;

pub async fn withdraw(pool: &PgPool, account: i64, cents: i64) -> Result<i64, BankError> {
    let mut tx = pool.begin().await?;
    let balance: i64 = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1 FOR UPDATE")
        .bind(account)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(BankError::NoSuchAccount)?;
    if balance < cents {
        return Err(BankError::Insufficient { balance });
    }
    sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2")
        .bind(cents)
        .bind(account)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(balance - cents)
}

pub enum BankError {
    NoSuchAccount,
    Insufficient { balance: i64 },
    Db(sqlx::Error),
}

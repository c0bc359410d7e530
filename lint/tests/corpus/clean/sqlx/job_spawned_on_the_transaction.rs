// `spawn` of a job queue writes a row; it is given the transaction and starts no task.
use sqlx::{Postgres, Transaction};

pub async fn queue_statement(
    tx: &mut Transaction<'_, Postgres>,
    account: i64,
) -> Result<(), sqlx::Error> {
    send_statement
        .builder()
        .set_channel_args(&account.to_string())
        .spawn(&mut **tx)
        .await?;
    Ok(())
}

pub async fn close_month(pool: &sqlx::PgPool, account: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE accounts SET closed = now() WHERE id = $1")
        .bind(account)
        .execute(&mut *tx)
        .await?;
    queue_statement(&mut tx, account).await?;
    tx.commit().await
}

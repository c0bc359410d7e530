// Macros that return an error leave the transaction to its rollback by drop.
use anyhow::{bail, ensure};
use sqlx::PgPool;

pub async fn pay_out(pool: &PgPool, account: i64, cents: i64) -> anyhow::Result<i64> {
    ensure!(cents > 0, "nothing to pay");
    let mut tx = pool.begin().await?;
    let balance: Option<i64> =
        sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1 FOR UPDATE")
            .bind(account)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(balance) = balance else { bail!("no account {account}") };
    ensure!(balance >= cents, "only {balance}");
    if balance == i64::MAX {
        unreachable!("nobody has that much");
    }
    let left = sqlx::query_scalar(
        "UPDATE accounts SET balance = balance - $1 WHERE id = $2 RETURNING balance",
    )
    .bind(cents)
    .bind(account)
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(left)
}

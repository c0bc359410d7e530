// Two reads see one state; the drop of their transaction loses nothing.
use sqlx::PgPool;

pub async fn totals(pool: &PgPool, account: i64) -> Result<(i64, i64), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let open = sqlx::query_scalar("SELECT count(*) FROM invoices WHERE account = $1 AND open")
        .bind(account)
        .fetch_one(&mut *tx)
        .await?;
    let all = sqlx::query_scalar("SELECT count(*) FROM invoices WHERE account = $1")
        .bind(account)
        .fetch_one(&mut *tx)
        .await?;
    Ok((open, all))
}

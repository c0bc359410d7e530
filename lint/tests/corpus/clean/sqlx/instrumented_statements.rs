// Statements and blocks on the connection are instrumented, which changes nothing.
use sqlx::PgPool;
use tracing::{Instrument, info_span, instrument};

#[instrument(skip(pool))]
pub async fn close_account(pool: &PgPool, account: i64) -> sqlx::Result<u64> {
    let mut tx = pool.begin().instrument(info_span!("begin")).await?;
    let closed = sqlx::query("UPDATE accounts SET closed = true WHERE id = $1")
        .bind(account)
        .execute(&mut *tx)
        .instrument(info_span!("update"))
        .await?;
    async {
        sqlx::query("INSERT INTO closings (account) VALUES ($1)")
            .bind(account)
            .execute(&mut *tx)
            .await
    }
    .instrument(info_span!("log"))
    .await?;
    tx.commit().instrument(info_span!("commit")).await?;
    Ok(closed.rows_affected())
}

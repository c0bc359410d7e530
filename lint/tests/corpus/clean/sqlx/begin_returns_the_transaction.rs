// A function that returns the transaction hands the duty to end it to its caller.
use sqlx::{PgPool, Postgres, Transaction};

pub async fn begin_as(pool: &PgPool, tenant: &str) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT set_config('app.tenant', $1, true)").bind(tenant).execute(&mut *tx).await?;
    Ok(tx)
}

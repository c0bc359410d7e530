// The Executor method is called on the pool itself while the transaction is open.
use sqlx::{Executor, PgPool};

pub async fn reset(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    tx.execute("DELETE FROM carts").await?;
    pool.execute("REFRESH MATERIALIZED VIEW cart_totals").await?; //~ SA002
    tx.commit().await
}

// A helper that begins its own transaction is called with a connection checked out.
use sqlx::{Acquire, MySqlPool};

pub async fn nightly(pool: &MySqlPool) -> Result<(), sqlx::Error> {
    let mut lock = pool.acquire().await?;
    let got: i64 =
        sqlx::query_scalar("SELECT GET_LOCK('nightly', 0)").fetch_one(&mut *lock).await?;
    if got == 1 {
        rebuild_totals(pool).await?; //~ SA002
        sqlx::query("DO RELEASE_LOCK('nightly')").execute(&mut *lock).await?;
    }
    Ok(())
}

async fn rebuild_totals(pool: &MySqlPool) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query("DELETE FROM totals").execute(&mut *tx).await?;
    sqlx::query("INSERT INTO totals SELECT day, sum(amount) FROM sales GROUP BY day")
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

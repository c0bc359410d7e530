// A timeout around a statement on the held connection still waits only on the database.
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::timeout;

pub async fn report(pool: &PgPool, year: i32) -> anyhow::Result<Vec<i64>> {
    let mut conn = pool.acquire().await?;
    sqlx::query("SET statement_timeout = '5s'").execute(&mut *conn).await?;
    let sums = timeout(
        Duration::from_secs(6),
        sqlx::query_scalar("SELECT sum(cents)::int8 FROM sales WHERE year = $1 GROUP BY month")
            .bind(year)
            .fetch_all(&mut *conn),
    )
    .await??;
    Ok(sums)
}

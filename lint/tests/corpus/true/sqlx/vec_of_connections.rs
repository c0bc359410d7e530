// A vector of connections is filled one after another, each while the others are held.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub async fn reserve(pool: &PgPool, n: usize) -> sqlx::Result<Vec<PoolConnection<Postgres>>> {
    let mut first = pool.acquire().await?;
    sqlx::query("SELECT pg_advisory_lock(9)").execute(&mut *first).await?;
    let mut all = vec![first];
    while all.len() < n {
        all.push(pool.acquire().await?); //~ SA002
    }
    Ok(all)
}

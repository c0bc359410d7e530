// A shared pool is dereferenced by name before a connection is taken, and the statement before goes to the pool.
use sqlx::{PgPool, Postgres, pool::PoolConnection};
use std::ops::Deref;
use std::sync::Arc;

pub async fn open(pool: Arc<PgPool>, name: &str) -> Result<PoolConnection<Postgres>, sqlx::Error> {
    let mut connection = pool.deref().acquire().await?;
    let id = record(name, pool.deref()).await?; //~ SA002
    sqlx::query("SELECT set_config('app.id', $1, false)").bind(id).execute(&mut *connection).await?;
    Ok(connection)
}

async fn record(name: &str, pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("INSERT INTO opened (name) VALUES ($1) RETURNING id")
        .bind(name)
        .fetch_one(pool)
        .await
}

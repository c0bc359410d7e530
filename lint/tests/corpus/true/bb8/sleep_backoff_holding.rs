// The backoff between two attempts keeps the connection.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use std::time::Duration;
use tokio_postgres::{NoTls, error::SqlState};

pub async fn increment(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    key: &str,
) -> anyhow::Result<i64> {
    let conn = pool.get().await?;
    let mut wait = Duration::from_millis(10);
    loop {
        match conn
            .query_one("UPDATE counters SET n = n + 1 WHERE key = $1 RETURNING n", &[&key])
            .await
        {
            Ok(row) => return Ok(row.get(0)),
            Err(error) if error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE) => {
                tokio::time::sleep(wait).await; //~ SA003
                wait *= 2;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

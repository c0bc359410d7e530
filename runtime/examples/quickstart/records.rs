//! What is in the database, read without the code that wrote it.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

/// The numbers of the calls that were recorded, in order.
pub(crate) async fn read(file: &Path) -> Result<Vec<i64>, sqlx::Error> {
    let mut conn = SqliteConnectOptions::new().filename(file).connect().await?;
    let numbers = sqlx::query_scalar("SELECT number FROM calls WHERE output <> '' ORDER BY number")
        .fetch_all(&mut conn)
        .await?;
    conn.close().await?;
    Ok(numbers)
}

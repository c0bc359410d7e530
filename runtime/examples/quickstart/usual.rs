//! The same work, the usual way: plain sqlx, and the connection kept across the remote call.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{Acquire, Error};

use crate::backend::Backend;
use crate::call::{Call, ToolError};
use crate::holds::Longest;

/// A pool with the settings that shortlease has too.
pub(crate) async fn open(
    file: &Path,
    connections: u32,
    timeout: Duration,
) -> Result<SqlitePool, Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(timeout)
        .connect_with(options)
        .await
}

pub(crate) async fn call_tool(
    pool: &SqlitePool,
    backend: &Backend,
    call: Call,
    longest: &Longest,
) -> Result<String, ToolError> {
    let mut conn = pool.acquire().await?;
    let _hold = longest.begin();
    let path: String = sqlx::query_scalar("SELECT path FROM tools WHERE id = $1")
        .bind(call.tool_id)
        .fetch_one(&mut *conn)
        .await?;
    let output = backend.ask(&path, call.number).await?;
    let mut tx = conn.begin().await?;
    sqlx::query("INSERT INTO calls (number, tool_id, output) VALUES ($1, $2, $3)")
        .bind(call.number)
        .bind(call.tool_id)
        .bind(&output)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE tools SET calls = calls + 1 WHERE id = $1")
        .bind(call.tool_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(output)
}

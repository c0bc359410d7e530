//! The work, with shortlease.

use shortlease::{Conn, Session, Sqlite, Tx, handler, leased};

use crate::backend::Backend;
use crate::call::{Call, ToolError};

#[handler]
pub(crate) async fn call_tool(
    db: &mut Session<Sqlite>,
    backend: &Backend,
    call: Call,
) -> Result<String, ToolError> {
    let path = db.lease(async |conn| load_path(conn, call).await).await?;
    let output = backend.ask(&path, call.number).await?;
    db.transaction(async |tx| {
        record(tx, call, &output).await?;
        Ok(output)
    })
    .await
}

#[leased]
async fn load_path(conn: &mut Conn<Sqlite>, call: Call) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT path FROM tools WHERE id = $1")
        .bind(call.tool_id)
        .fetch_one(conn)
        .await
}

#[leased]
async fn record(tx: &mut Tx<Sqlite>, call: Call, output: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO calls (number, tool_id, output) VALUES ($1, $2, $3)")
        .bind(call.number)
        .bind(call.tool_id)
        .bind(output)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE tools SET calls = calls + 1 WHERE id = $1")
        .bind(call.tool_id)
        .execute(tx)
        .await?;
    Ok(())
}

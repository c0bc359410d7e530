//! Calls of tools.

use shortlease::{Conn, leased};
use sqlx::FromRow;

use super::{Before, PAGE};
use crate::database::Database;

/// A call that has ended.
#[derive(Clone, Debug, FromRow)]
pub struct Call {
    /// Its id, which its caller was told.
    pub id: String,
    /// The team that called.
    pub team: String,
    /// The id of the token that it called by.
    pub token: String,
    /// The tool.
    pub tool: String,
    /// `ok`, `tool_error`, `client_gone`, or the code of an error.
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// When it ended.
    pub at: i64,
}

/// Records a call; `false` if it is recorded already.
#[leased]
pub async fn add<DB: Database>(conn: &mut Conn<DB>, call: Call) -> Result<bool, sqlx::Error> {
    let query = "INSERT INTO calls (id, team, token, tool, outcome, took_ms, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id";
    let added: Option<String> = sqlx::query_scalar(query)
        .bind(call.id)
        .bind(call.team)
        .bind(call.token)
        .bind(call.tool)
        .bind(call.outcome)
        .bind(call.took_ms)
        .bind(call.at)
        .fetch_optional(conn)
        .await?;
    Ok(added.is_some())
}

/// Lists the calls of a team, newest first.
#[leased]
pub async fn list<DB: Database>(
    conn: &mut Conn<DB>,
    team: String,
    before: Before,
) -> Result<Vec<Call>, sqlx::Error> {
    let query = "SELECT id, team, token, tool, outcome, took_ms, at FROM calls \
                 WHERE team = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    sqlx::query_as(query).bind(team).bind(before.into_bound()).bind(PAGE).fetch_all(conn).await
}

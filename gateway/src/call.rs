//! A call of a tool: the path that everything else is for.

use std::time::{Duration, Instant};

use rmcp::model::{CallToolResult, JsonObject};
use shortlease::{Session, Tx, handler, leased};
use tracing::info;

use crate::app::App;
use crate::caller::Permitted;
use crate::database::Database;
use crate::error::Error;
use crate::ids::{new_id, now_ms};
use crate::store::audit::{self, Entry};
use crate::store::calls::{self, Call};
use crate::store::tools::{self, Callable};
use crate::{answers, metrics};

/// The answer of a tool, and the id that it is recorded by.
#[derive(Debug)]
pub struct Answer {
    /// The id of the call.
    pub id: String,
    /// The tool's own words, be it that it failed.
    pub result: CallToolResult,
}

/// Calls a tool: reads where it is, asks it, and records the call. A connection is held for the read and for the
/// record, and not while the tool works.
///
/// # Errors
///
/// [`Error`]. A call that the upstream has no answer to is recorded too.
///
/// # Cancel safety
///
/// Dropped before the record is committed, the call is not recorded.
#[handler]
pub async fn call_tool<DB: Database>(
    db: &mut Session<DB>,
    app: &App<DB>,
    permitted: &Permitted,
    arguments: JsonObject,
) -> Result<Answer, Error> {
    let began = Instant::now();
    limit(db, app, permitted).await?;
    let tool = permitted.tool().clone();
    let tool = db.lease(async |conn| tools::find(conn, tool).await).await?;
    let tool = tool.ok_or(Error::NoSuchTool)?;
    let called = ask(db, app, permitted, &tool, arguments).await;
    let outcome = match &called {
        Ok(result) if result.is_error == Some(true) => "tool_error",
        Ok(_) => "ok",
        Err(error) => error.code(),
    };
    let took = began.elapsed();
    let call = record_of(permitted, outcome, took);
    let id = call.id.clone();
    db.transaction(async |tx| record(tx, call).await).await?;
    metrics::called(permitted.tool(), outcome, took);
    info!(team = %permitted.caller().team, tool = %permitted.tool(), outcome, ?took, "call");
    Ok(Answer { id, result: called? })
}

/// Counts the call of the team.
async fn limit<DB: Database>(
    db: &Session<DB>,
    app: &App<DB>,
    permitted: &Permitted,
) -> Result<(), Error> {
    let limit = app.settings.rate_limit;
    if limit == 0 {
        return Ok(());
    }
    let counted = app.shared.get(db).count(&permitted.caller().team, limit).await;
    counted.map_err(|retry_after| Error::RateLimited { retry_after })
}

/// Takes the answer from the cache, or asks the upstream.
async fn ask<DB: Database>(
    db: &Session<DB>,
    app: &App<DB>,
    permitted: &Permitted,
    tool: &Callable,
    arguments: JsonObject,
) -> Result<CallToolResult, Error> {
    let (shared, upstreams) = (app.shared.get(db), app.upstreams.get(db));
    let lifetime = answers::lifetime(tool);
    let team = &permitted.caller().team;
    let key = answers::key(team, permitted.tool(), tool.changed_at, &arguments);
    if lifetime > Duration::ZERO
        && let Some(answer) = shared.get(&key).await.and_then(|text| answers::read(&text))
    {
        return Ok(answer);
    }
    let answer = upstreams.call(tool, arguments).await?;
    if lifetime > Duration::ZERO
        && let Some(text) = answers::write(&answer)
    {
        shared.put(&key, text, lifetime).await;
    }
    Ok(answer)
}

fn record_of(permitted: &Permitted, outcome: &str, took: Duration) -> Call {
    let caller = permitted.caller();
    Call {
        id: new_id(),
        team: caller.team.to_string(),
        token: caller.token.to_string(),
        tool: permitted.tool().to_string(),
        outcome: outcome.to_owned(),
        took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        at: now_ms(),
    }
}

/// Both or neither.
#[leased]
async fn record<DB: Database>(tx: &mut Tx<DB>, call: Call) -> Result<(), sqlx::Error> {
    let entry = Entry::new(&call.team, &call.token, "call", &call.tool, &call.outcome);
    calls::add(tx, call).await?;
    audit::add(tx, entry).await
}

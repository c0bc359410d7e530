//! A call of a tool: the path that everything else is for.

use std::time::{Duration, Instant};

use rmcp::model::{CallToolResult, JsonObject};
use shortlease::{Session, handler};

use crate::answers;
use crate::app::App;
use crate::caller::Permitted;
use crate::database::Database;
use crate::error::Error;
use crate::record::{UnderWay, record};
use crate::store::tools::{self, Callable};

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
/// Dropped once the upstream is asked, the call is given up, and recorded in the background as `client_gone`. So is one whose
/// record fails, with its outcome.
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
    let mut under_way = UnderWay::new(app, permitted, began);
    let called = ask(db, app, permitted, &tool, arguments).await;
    let outcome = match &called {
        Ok(result) if result.is_error == Some(true) => "tool_error",
        Ok(_) => "ok",
        Err(error) => error.code(),
    };
    let call = under_way.ended(outcome);
    let id = call.id.clone();
    db.transaction(async |tx| record(tx, call).await).await?;
    under_way.recorded();
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

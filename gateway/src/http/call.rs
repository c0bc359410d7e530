//! Calls by plain HTTP, and logins.

use axum::Json;
use axum::extract::{Extension, State};
use rmcp::model::JsonObject;
use serde_json::{Value, json};
use shortlease::{Session, handler};

use super::json::Body;
use crate::app::App;
use crate::call::call_tool;
use crate::caller::{Caller, Permitted};
use crate::database::Database;
use crate::error::Error;
use crate::ids::now_ms;
use crate::secret::Token;
use crate::store::audit::{self, Entry};
use crate::store::tokens;

/// The longest that a login lasts.
const LOGIN_MS: i64 = 12 * 60 * 60 * 1000;

/// `POST /v1/tools/{tool}/call`: the arguments as JSON, and the tool's answer as MCP has it.
pub(super) async fn call<DB: Database>(
    State(app): State<App<DB>>,
    Extension(permitted): Extension<Permitted>,
    mut db: Session<DB>,
    Body(arguments): Body<JsonObject>,
) -> Result<Json<Value>, Error> {
    let answer = call_tool(&mut db, &app, &permitted, arguments).await?;
    Ok(Json(json!({ "call_id": answer.id, "result": answer.result })))
}

/// `POST /v1/login`: another token of the team, for some hours and not for longer than the caller's own.
#[handler]
pub(super) async fn login<DB: Database>(
    Extension(caller): Extension<Caller>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let token = Token::generate();
    let expires_at = (now_ms() + LOGIN_MS).min(caller.expires_at.unwrap_or(i64::MAX));
    let new = tokens::New {
        id: token.id.clone(),
        team: caller.team.to_string(),
        label: format!("login by {}", caller.token),
        hashed: token.hashed(),
        expires_at: Some(expires_at),
        login_of: Some(caller.token.to_string()),
    };
    let entry = Entry::new(&caller.team, &caller.token, "login", &token.id, "ok");
    db.transaction(async |tx| {
        tokens::add(tx, new).await?;
        audit::add(tx, entry).await
    })
    .await?;
    Ok(Json(json!({ "token": token.reveal(), "expires_at": expires_at })))
}

//! The lists. Each shows what is the caller's own; the operator's audit trail is that of all. Rows are owned values before
//! their lease ends, and JSON is made of them after it.

use axum::Json;
use axum::extract::{Extension, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use shortlease::{Session, handler};

use crate::app::App;
use crate::caller::Caller;
use crate::database::Database;
use crate::error::Error;
use crate::store::{self, Before};

/// Which page of a list by time.
#[derive(Deserialize)]
pub(super) struct Page {
    /// Only what is older than this id.
    before: Option<String>,
}

/// `GET /v1/tools`: the tools that the team may call.
#[handler]
pub(super) async fn tools<DB: Database>(
    Extension(caller): Extension<Caller>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let tools = db.lease(async |conn| store::tools::list(conn).await).await?;
    let tools = tools.into_iter().filter(|tool| caller.grants.cover(&tool.tool_name()));
    let json = |tool: store::tools::Listed| {
        json!({
            "name": tool.tool_name().as_str(),
            "description": tool.description,
            "input_schema": serde_json::from_str::<Value>(&tool.input_schema).unwrap_or_default(),
            "read_only": tool.read_only,
        })
    };
    Ok(Json(json!({ "tools": tools.map(json).collect::<Vec<_>>() })))
}

/// `GET /v1/upstreams`: the upstreams of these tools, and whether they are called or left alone.
#[handler]
pub(super) async fn upstreams<DB: Database>(
    State(app): State<App<DB>>,
    Extension(caller): Extension<Caller>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let upstreams = db.lease(async |conn| store::upstreams::list(conn).await).await?;
    let upstreams = upstreams.into_iter().filter(|one| caller.grants.cover_upstream(&one.name));
    let client = app.upstreams.get(&db);
    let json = |upstream: store::upstreams::Upstream| {
        let circuit = client.circuit(&upstream.name).to_string();
        json!({ "name": upstream.name, "kind": upstream.kind, "circuit": circuit })
    };
    Ok(Json(json!({ "upstreams": upstreams.map(json).collect::<Vec<_>>() })))
}

/// `GET /v1/tokens`: the team's tokens, without their secrets, newest first.
#[handler]
pub(super) async fn tokens<DB: Database>(
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let (team, before) = (caller.team.to_string(), Before::id(page.before));
    let tokens = db.lease(async |conn| store::tokens::list(conn, team, before).await).await?;
    let json = |token: store::tokens::Listed| {
        json!({
            "id": token.id,
            "label": token.label,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
        })
    };
    Ok(Json(json!({ "tokens": tokens.into_iter().map(json).collect::<Vec<_>>() })))
}

/// `GET /v1/grants`: the team's patterns, which were read with its token.
pub(super) async fn grants(Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(json!({ "team": &*caller.team, "grants": caller.grants.iter().collect::<Vec<_>>() }))
}

/// `GET /v1/calls`: the team's calls, newest first.
#[handler]
pub(super) async fn calls<DB: Database>(
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let (team, before) = (caller.team.to_string(), Before::id(page.before));
    let calls = db.lease(async |conn| store::calls::list(conn, team, before).await).await?;
    let json = |call: store::calls::Call| {
        json!({
            "id": call.id,
            "tool": call.tool,
            "token": call.token,
            "outcome": call.outcome,
            "took_ms": call.took_ms,
            "at": call.at,
        })
    };
    Ok(Json(json!({ "calls": calls.into_iter().map(json).collect::<Vec<_>>() })))
}

/// `GET /v1/audit`: who did what in the team, newest first.
#[handler]
pub(super) async fn audit<DB: Database>(
    Extension(caller): Extension<Caller>,
    Query(page): Query<Page>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let (team, before) = (caller.team.to_string(), Before::id(page.before));
    let entries = db.lease(async |conn| store::audit::list(conn, team, before).await).await?;
    let entries: Vec<_> = entries.into_iter().map(entry).collect();
    Ok(Json(json!({ "audit": entries })))
}

/// `GET /v1/admin/audit`: who did what in all teams and to upstreams, newest first.
#[handler]
pub(super) async fn whole_audit<DB: Database>(
    Query(page): Query<Page>,
    mut db: Session<DB>,
) -> Result<Json<Value>, Error> {
    let before = Before::id(page.before);
    let entries = db.lease(async |conn| store::audit::list_all(conn, before).await).await?;
    let with_team = |of: store::audit::Entry| {
        let team = of.team.clone();
        let mut json = entry(of);
        json["team"] = team.into();
        json
    };
    Ok(Json(json!({ "audit": entries.into_iter().map(with_team).collect::<Vec<_>>() })))
}

fn entry(entry: store::audit::Entry) -> Value {
    json!({
        "id": entry.id,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "at": entry.at,
    })
}

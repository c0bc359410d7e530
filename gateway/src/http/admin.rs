//! The operator's requests: teams, tokens, grants and upstreams. Each change and its line in the audit trail are one
//! transaction.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shortlease::{Session, handler};

use super::json::Body;
use crate::app::App;
use crate::database::Database;
use crate::error::Error;
use crate::ids::now_ms;
use crate::registry::{self, Registration};
use crate::secret::Token;
use crate::store::audit::{self, Entry};
use crate::store::{teams, tokens, upstreams};
use crate::tool_name::{ToolName, is_upstream};

/// `PUT /v1/admin/teams/{team}`. A new team does not get the name of a removed one whose calls or audit entries are
/// kept, because it would read them.
#[handler]
pub(super) async fn add_team<DB: Database>(
    Path(team): Path<String>,
    mut db: Session<DB>,
) -> Result<StatusCode, Error> {
    if !is_upstream(&team) {
        return Err(Error::Invalid("a team's name has lower case letters, digits and `-`".into()));
    }
    db.transaction(async |tx| {
        if teams::add(tx, team.clone()).await? && teams::has_records(tx, team.clone()).await? {
            return Err(Error::NameTaken);
        }
        audit::add(tx, Entry::new(&team, "admin", "team.add", &team, "ok")).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// `DELETE /v1/admin/teams/{team}`, with its tokens and grants. Its calls and its audit trail stay.
#[handler]
pub(super) async fn remove_team<DB: Database>(
    Path(team): Path<String>,
    mut db: Session<DB>,
) -> Result<StatusCode, Error> {
    db.transaction(async |tx| {
        if !teams::remove(tx, team.clone()).await? {
            return Err(Error::NotFound("this team"));
        }
        audit::add(tx, Entry::new(&team, "admin", "team.remove", &team, "ok")).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Patterns of tools.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patterns {
    tools: Vec<String>,
}

/// `PUT /v1/admin/teams/{team}/grants`: what the team may call from now on.
#[handler]
pub(super) async fn set_grants<DB: Database>(
    Path(team): Path<String>,
    mut db: Session<DB>,
    Body(patterns): Body<Patterns>,
) -> Result<StatusCode, Error> {
    if !patterns.tools.iter().all(|pattern| is_pattern(pattern)) {
        return Err(Error::Invalid("a pattern is `upstream__tool`, `upstream__*` or `*`".into()));
    }
    let subject = patterns.tools.join(" ");
    db.transaction(async |tx| {
        if !teams::exists(tx, team.clone()).await? {
            return Err(Error::NotFound("this team"));
        }
        teams::set_grants(tx, team.clone(), patterns.tools).await?;
        audit::add(tx, Entry::new(&team, "admin", "grants.set", &subject, "ok")).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

fn is_pattern(text: &str) -> bool {
    !text.contains(char::is_whitespace) && (text == "*" || ToolName::parse(text).is_some())
}

/// A token that is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default)]
    label: String,
    expires_in_s: Option<u32>,
}

/// `POST /v1/admin/teams/{team}/tokens`: the only time that the token is shown.
#[handler]
pub(super) async fn add_token<DB: Database>(
    Path(team): Path<String>,
    mut db: Session<DB>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Error> {
    let token = Token::generate();
    let new = tokens::New {
        id: token.id.clone(),
        team: team.clone(),
        label: wanted.label,
        hashed: token.hashed(),
        expires_at: wanted.expires_in_s.map(|seconds| now_ms() + i64::from(seconds) * 1000),
        login_of: None,
    };
    let id = token.id.clone();
    db.transaction(async |tx| {
        if !teams::exists(tx, team.clone()).await? {
            return Err(Error::NotFound("this team"));
        }
        tokens::add(tx, new).await?;
        audit::add(tx, Entry::new(&team, "admin", "token.add", &id, "ok")).await?;
        Ok(Json(json!({ "id": id, "token": token.reveal() })))
    })
    .await
}

/// `DELETE /v1/admin/tokens/{token}`, by its id. It and its logins are not valid from then on.
#[handler]
pub(super) async fn remove_token<DB: Database>(
    Path(id): Path<String>,
    mut db: Session<DB>,
) -> Result<StatusCode, Error> {
    db.transaction(async |tx| {
        let team = tokens::remove(tx, id.clone()).await?.ok_or(Error::NotFound("this token"))?;
        audit::add(tx, Entry::new(&team, "admin", "token.remove", &id, "ok")).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// `PUT /v1/admin/upstreams/{upstream}`: adds or changes it while the gateway runs.
pub(super) async fn put_upstream<DB: Database>(
    State(app): State<App<DB>>,
    Path(name): Path<String>,
    mut db: Session<DB>,
    Body(registration): Body<Registration>,
) -> Result<Json<Value>, Error> {
    let tools = registry::register(&mut db, &app, name, registration).await?;
    Ok(Json(json!({ "tools": tools })))
}

/// `DELETE /v1/admin/upstreams/{upstream}`, with its tools.
#[handler]
pub(super) async fn remove_upstream<DB: Database>(
    State(app): State<App<DB>>,
    Path(name): Path<String>,
    mut db: Session<DB>,
) -> Result<StatusCode, Error> {
    let subject = name.clone();
    db.transaction(async |tx| {
        if !upstreams::remove(tx, subject.clone()).await? {
            return Err(Error::NotFound("this upstream"));
        }
        audit::add(tx, Entry::new("", "admin", "upstream.remove", &subject, "ok")).await?;
        Ok(())
    })
    .await?;
    app.upstreams.get(&db).forget(&name);
    Ok(StatusCode::NO_CONTENT)
}

//! Middleware: who asks, and whether that is permitted.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::{Extension, Path, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt, stream};
use shortlease::{Session, handler};
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::caller::Caller;
use crate::database::Database;
use crate::error::Error;
use crate::identify::identify;
use crate::mcp::Introduced;

/// Lets requests pass that show the token of a team.
#[handler]
pub(super) async fn authenticate<DB: Database>(
    State(app): State<App<DB>>,
    mut db: Session<DB>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let token = bearer(request.headers()).ok_or(Error::Unauthenticated)?;
    let caller = identify(&mut db, &app, token).await?;
    // The handler's turn: one request has one session.
    drop(db);
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Finds out who asks over MCP, and lets requests pass that show the token of a team. If the database has no answer, MCP
/// says so: as the answer of a tool, which a client shows, where a status ends the request.
#[handler]
pub(super) async fn introduce<DB: Database>(
    State(app): State<App<DB>>,
    mut db: Session<DB>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let token = bearer(request.headers()).ok_or(Error::Unauthenticated)?;
    let introduced: Introduced = match identify(&mut db, &app, token).await {
        Err(error @ (Error::Lease(_) | Error::TooManyTokens { .. })) => Err(Arc::new(error)),
        identified => Ok(identified?),
    };
    drop(db);
    request.extensions_mut().insert(introduced);
    Ok(next.run(request).await)
}

/// Lets calls pass of tools that the team may call.
pub(super) async fn permit(
    Path(tool): Path<String>,
    Extension(caller): Extension<Caller>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    request.extensions_mut().insert(caller.permit(&tool)?);
    Ok(next.run(request).await)
}

/// Lets requests pass that show the operator's token.
pub(super) async fn admin<DB: Database>(
    State(app): State<App<DB>>,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    match bearer(request.headers()) {
        Some(token) if app.admin.matches(token) => Ok(next.run(request).await),
        _ => Err(Error::Unauthenticated),
    }
}

/// Gives up a request whose body does not arrive in time. Its answer may take as long as it likes.
pub(super) async fn limit_time<DB: Database>(
    State(app): State<App<DB>>,
    request: Request,
    next: Next,
) -> Response {
    let until = Instant::now() + app.settings.read_timeout;
    next.run(request.map(|body| arriving_until(until, body))).await
}

fn arriving_until(until: Instant, body: Body) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::from_stream(stream::try_unfold(body.into_data_stream(), move |mut body| async move {
        match timeout_at(until, body.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(chunk)) => Ok(Some((chunk?, body))),
            Err(_) => Err(axum::Error::new("it did not arrive in time")),
        }
    }))
}

/// Counts requests by status.
pub(super) async fn count(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    metrics::counter!("gateway.requests", "status" => status).increment(1);
    response
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

//! One transaction for each request, opened by the middleware, as frameworks with a session for each request do it.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Transaction};
use tokio::sync::Mutex;

use crate::incident::backend::Arguments;

use super::failure::Failure;
use super::plain::{self, Plain};
use super::request::{Credentials, User, token};
use super::statements::{
    COUNT_CALL, COUNT_LOGIN, HEALTH, RECORD_CALL, URL_OF_TOOL, USER_OF_NAME, USER_OF_TOKEN,
};

/// The transaction of a request, which its middleware and its handler share.
#[derive(Clone)]
struct Held(Arc<Mutex<Transaction<'static, Postgres>>>);

pub(super) fn router(app: Plain) -> Router {
    Router::new()
        .route("/v1/tools/{tool}/call", post(call))
        .layer(from_fn_with_state(app.clone(), authenticate))
        .route("/v1/login", post(login))
        .route("/healthz", get(healthz))
        .route("/waiting", get(plain::waiting))
        .with_state(app)
}

async fn begin(app: &Plain) -> Result<Transaction<'static, Postgres>, Failure> {
    let connection: PoolConnection<Postgres> = app.acquire().await?;
    Ok(Transaction::begin(connection, None).await?)
}

async fn authenticate(
    State(app): State<Plain>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let mut tx = begin(&app).await?;
    let user = sqlx::query_scalar(USER_OF_TOKEN).bind(token(&request).to_owned());
    let user = user.fetch_optional(&mut *tx).await?.ok_or(Failure::Unauthorized)?;
    let held = Held(Arc::new(Mutex::new(tx)));
    request.extensions_mut().insert(User(user));
    request.extensions_mut().insert(held.clone());
    let response = next.run(request).await;
    // The handler, which had the other one, has returned.
    if let Some(tx) = Arc::into_inner(held.0).filter(|_| response.status().is_success()) {
        tx.into_inner().commit().await?;
    }
    Ok(response)
}

async fn call(
    State(app): State<Plain>,
    Extension(User(user)): Extension<User>,
    Extension(Held(tx)): Extension<Held>,
    Path(tool): Path<String>,
    Json(arguments): Json<Arguments>,
) -> Result<Json<Arguments>, Failure> {
    let mut tx = tx.lock().await;
    let connection: &mut PgConnection = &mut tx;
    let url: String =
        sqlx::query_scalar(URL_OF_TOOL).bind(&tool).fetch_one(&mut *connection).await?;
    let output = app.remote.call(&url, arguments).await?;
    sqlx::query(RECORD_CALL)
        .bind(arguments.call.cast_signed())
        .bind(user)
        .bind(&tool)
        .bind(sqlx::types::Json(&output))
        .execute(&mut *connection)
        .await?;
    sqlx::query(COUNT_CALL).bind(user).execute(connection).await?;
    Ok(Json(output))
}

async fn login(
    State(app): State<Plain>,
    Json(Credentials { name }): Json<Credentials>,
) -> Result<(), Failure> {
    let mut tx = begin(&app).await?;
    let user: i64 = sqlx::query_scalar(USER_OF_NAME).bind(name).fetch_one(&mut *tx).await?;
    sqlx::query(COUNT_LOGIN).bind(user).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

async fn healthz(State(app): State<Plain>) -> Result<(), Failure> {
    let mut connection = app.acquire().await?;
    sqlx::query(HEALTH).execute(&mut *connection).await?;
    Ok(())
}

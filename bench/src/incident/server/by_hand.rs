//! `sqlx::Pool` by someone careful: no connection is held across the remote call.

use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use sqlx::Connection;

use crate::incident::backend::Arguments;

use super::failure::Failure;
use super::plain::{self, Plain};
use super::request::{Credentials, User, token};
use super::statements::{
    COUNT_CALL, COUNT_LOGIN, HEALTH, RECORD_CALL, URL_OF_TOOL, USER_OF_NAME, USER_OF_TOKEN,
};

pub(super) fn router(app: Plain) -> Router {
    Router::new()
        .route("/v1/tools/{tool}/call", post(call))
        .layer(from_fn_with_state(app.clone(), authenticate))
        .route("/v1/login", post(login))
        .route("/healthz", get(healthz))
        .route("/waiting", get(plain::waiting))
        .with_state(app)
}

async fn authenticate(
    State(app): State<Plain>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let user = {
        let mut connection = app.acquire().await?;
        let user = sqlx::query_scalar(USER_OF_TOKEN).bind(token(&request).to_owned());
        user.fetch_optional(&mut *connection).await?.ok_or(Failure::Unauthorized)?
    };
    request.extensions_mut().insert(User(user));
    Ok(next.run(request).await)
}

async fn call(
    State(app): State<Plain>,
    Extension(User(user)): Extension<User>,
    Path(tool): Path<String>,
    Json(arguments): Json<Arguments>,
) -> Result<Json<Arguments>, Failure> {
    let url: String = {
        let mut connection = app.acquire().await?;
        sqlx::query_scalar(URL_OF_TOOL).bind(&tool).fetch_one(&mut *connection).await?
    };
    let output = app.remote.call(&url, arguments).await?;
    let mut connection = app.acquire().await?;
    let mut tx = connection.begin().await?;
    sqlx::query(RECORD_CALL)
        .bind(arguments.call.cast_signed())
        .bind(user)
        .bind(&tool)
        .bind(sqlx::types::Json(&output))
        .execute(&mut *tx)
        .await?;
    sqlx::query(COUNT_CALL).bind(user).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(Json(output))
}

async fn login(
    State(app): State<Plain>,
    Json(Credentials { name }): Json<Credentials>,
) -> Result<(), Failure> {
    let mut connection = app.acquire().await?;
    let user: i64 = sqlx::query_scalar(USER_OF_NAME).bind(name).fetch_one(&mut *connection).await?;
    sqlx::query(COUNT_LOGIN).bind(user).execute(&mut *connection).await?;
    Ok(())
}

async fn healthz(State(app): State<Plain>) -> Result<(), Failure> {
    let mut connection = app.acquire().await?;
    sqlx::query(HEALTH).execute(&mut *connection).await?;
    Ok(())
}

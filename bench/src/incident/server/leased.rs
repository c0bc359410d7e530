//! shortlease.

use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use shortlease::{Db, Error, Pooler, Postgres, Session, handler};

use crate::incident::backend::Arguments;

use super::failure::Failure;
use super::options::Options;
use super::remote::Remote;
use super::request::{Credentials, User, token};
use super::statements::{
    COUNT_CALL, COUNT_LOGIN, HEALTH, RECORD_CALL, URL_OF_TOOL, USER_OF_NAME, USER_OF_TOKEN,
};

#[derive(Clone)]
struct Leased {
    db: Db<Postgres>,
    remote: Remote,
}

pub(super) async fn router(options: &Options, remote: Remote) -> Result<Router, Error> {
    let mut db =
        Db::builder(&options.database).max_connections(options.pool).instances(options.instances);
    if let Some(limit) = options.acquire_timeout() {
        db = db.acquire_timeout(limit);
    }
    if options.pgbouncer {
        db = db.pooler(Pooler::TransactionWithPreparedStatements);
    }
    let app = Leased { db: db.connect().await?, remote };
    Ok(Router::new()
        .route("/v1/tools/{tool}/call", post(call))
        .layer(from_fn_with_state(app.clone(), authenticate))
        .route("/v1/login", post(login))
        .route("/healthz", get(healthz))
        .route("/waiting", get(waiting))
        .with_state(app))
}

async fn authenticate(
    State(app): State<Leased>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let mut db = app.db.session();
    let user = user_of_token(&mut db, token(&request)).await?;
    request.extensions_mut().insert(User(user));
    Ok(next.run(request).await)
}

async fn user_of_token(db: &mut Session<Postgres>, token: &str) -> Result<i64, Failure> {
    let user = sqlx::query_scalar(USER_OF_TOKEN).bind(token);
    db.fetch_optional(user).await?.ok_or(Failure::Unauthorized)
}

#[handler]
async fn call(
    State(app): State<Leased>,
    Extension(User(user)): Extension<User>,
    Path(tool): Path<String>,
    Json(arguments): Json<Arguments>,
) -> Result<Json<Arguments>, Failure> {
    let mut db = app.db.session();
    let url: String = db.fetch_one(sqlx::query_scalar(URL_OF_TOOL).bind(&tool)).await?;
    let output = app.remote.call(&url, arguments).await?;
    db.transaction(async |tx| {
        sqlx::query(RECORD_CALL)
            .bind(arguments.call.cast_signed())
            .bind(user)
            .bind(&tool)
            .bind(sqlx::types::Json(&output))
            .execute(&mut *tx)
            .await?;
        sqlx::query(COUNT_CALL).bind(user).execute(tx).await?;
        Ok(())
    })
    .await?;
    Ok(Json(output))
}

#[handler]
async fn login(
    State(app): State<Leased>,
    Json(Credentials { name }): Json<Credentials>,
) -> Result<(), Failure> {
    app.db
        .session()
        .lease(async |conn| {
            let user = sqlx::query_scalar(USER_OF_NAME).bind(name);
            let user: i64 = user.fetch_one(&mut *conn).await?;
            sqlx::query(COUNT_LOGIN).bind(user).execute(conn).await?;
            Ok(())
        })
        .await
}

async fn healthz(State(app): State<Leased>) -> Result<(), Failure> {
    app.db.session().execute(sqlx::query(HEALTH)).await?;
    Ok(())
}

async fn waiting(State(app): State<Leased>) -> String {
    app.db.status().waiting.to_string()
}

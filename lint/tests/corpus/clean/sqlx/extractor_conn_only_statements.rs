// An extractor's connection comes last, no body follows, and only statements run.
use axum::{
    Json,
    extract::{FromRef, FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use sqlx::{PgPool, pool::PoolConnection};

pub struct Conn(pub PoolConnection<sqlx::Postgres>);

impl<S> FromRequestParts<S> for Conn
where
    PgPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        PgPool::from_ref(state)
            .acquire()
            .await
            .map(Conn)
            .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

pub async fn show(Path(id): Path<i64>, Conn(mut conn): Conn) -> Result<Json<String>, StatusCode> {
    let title: Option<String> = sqlx::query_scalar("SELECT title FROM posts WHERE id = $1")
        .bind(id)
        .fetch_optional(&mut *conn)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    title.map(Json).ok_or(StatusCode::NOT_FOUND)
}

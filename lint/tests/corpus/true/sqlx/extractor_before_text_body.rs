// The extractor's connection is held while the text of the body comes in.
use axum::extract::{FromRef, FromRequestParts};
use axum::http::{StatusCode, request::Parts};
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub struct DbConn(PoolConnection<Postgres>);

impl<S: Send + Sync> FromRequestParts<S> for DbConn
where
    PgPool: FromRef<S>,
{
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let conn = PgPool::from_ref(state).acquire().await;
        conn.map(DbConn).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

pub async fn note(DbConn(mut conn): DbConn, text: String) -> StatusCode { //~ SA006
    match sqlx::query("INSERT INTO notes VALUES ($1)").bind(text).execute(&mut *conn).await {
        Ok(_) => StatusCode::CREATED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

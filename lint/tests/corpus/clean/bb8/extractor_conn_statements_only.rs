// The extractor's connection only sees statements.
use axum::{
    extract::{FromRef, FromRequestParts, Query},
    http::{StatusCode, request::Parts},
};
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type ConnectionPool = Pool<PostgresConnectionManager<NoTls>>;

pub struct DatabaseConnection(PooledConnection<'static, PostgresConnectionManager<NoTls>>);

impl<S> FromRequestParts<S> for DatabaseConnection
where
    ConnectionPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = StatusCode;

    async fn from_request_parts(_parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let pool = ConnectionPool::from_ref(state);
        pool.get_owned().await.map(Self).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

#[derive(serde::Deserialize)]
pub struct Search {
    q: String,
}

pub async fn search(
    Query(search): Query<Search>,
    DatabaseConnection(conn): DatabaseConnection,
) -> Result<String, StatusCode> {
    let rows = conn
        .query("SELECT title FROM articles WHERE title ILIKE '%' || $1 || '%'", &[&search.q])
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n"))
}

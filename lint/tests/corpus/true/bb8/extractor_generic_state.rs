// A generic extractor checks the connection out, and the handler waits for a rate limiter with it.
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, request::Parts},
};
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type ConnectionPool = Pool<PostgresConnectionManager<NoTls>>;

pub struct DbConn(PooledConnection<'static, PostgresConnectionManager<NoTls>>);

impl<S> FromRequestParts<S> for DbConn
where
    ConnectionPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = (StatusCode, String);

    async fn from_request_parts(_parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let pool = ConnectionPool::from_ref(state);
        let conn = pool.get_owned().await.map_err(internal_error)?;
        Ok(Self(conn))
    }
}

pub async fn list_peers(
    DbConn(conn): DbConn,
    consul: axum::Extension<Consul>,
) -> Result<String, (StatusCode, String)> {
    let alive = consul.healthy().await.map_err(internal_error)?; //~ SA006
    let rows = conn
        .query("SELECT name FROM peers WHERE name = ANY($1)", &[&alive])
        .await
        .map_err(internal_error)?;
    Ok(rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join(","))
}

fn internal_error<E: std::error::Error>(error: E) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

#[derive(Clone)]
pub struct Consul(reqwest::Client);

impl Consul {
    pub async fn healthy(&self) -> reqwest::Result<Vec<String>> {
        self.0.get("http://consul/v1/health").send().await?.json().await
    }
}

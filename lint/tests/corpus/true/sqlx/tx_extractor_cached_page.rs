// A handler that answers from a cache most of the time still holds a transaction while it locks the cache.
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{StatusCode, request::Parts},
};
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::LazyLock;
use tokio::sync::RwLock;

static SITEMAP: LazyLock<RwLock<String>> = LazyLock::new(RwLock::default);

pub struct Tx(Transaction<'static, Postgres>);

impl<S> FromRequestParts<S> for Tx
where
    PgPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let pool = PgPool::from_ref(state);
        pool.begin().await.map(Tx).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

pub async fn sitemap(mut tx: Tx) -> Result<String, StatusCode> {
    let cached = SITEMAP.read().await.clone(); //~ SA006
    if !cached.is_empty() {
        return Err(StatusCode::NOT_MODIFIED);
    }
    let slugs: Vec<String> = sqlx::query_scalar("SELECT slug FROM pages")
        .fetch_all(&mut *tx.0)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(slugs.join("\n"))
}

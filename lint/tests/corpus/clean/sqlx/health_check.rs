// A health check takes a connection and lets it go at once.
use axum::{extract::State, http::StatusCode};
use sqlx::{Connection, PgPool};

#[derive(Clone)]
pub struct Health {
    pub pool: PgPool,
    pub redis: redis::aio::ConnectionManager,
}

pub async fn ready(State(health): State<Health>) -> Result<&'static str, StatusCode> {
    {
        let mut conn = health.pool.acquire().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        conn.ping().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    }
    let mut redis = health.redis.clone();
    redis::cmd("PING")
        .query_async::<()>(&mut redis)
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok("ready")
}

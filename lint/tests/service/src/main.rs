//! Delivers webhooks.

mod delivery;
mod store;

use axum::{Router, routing::post};
use sqlx::PgPool;

#[derive(Clone)]
pub struct App {
    pub pool: PgPool,
    pub http: reqwest::Client,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let app = App { pool, http: reqwest::Client::new() };
    let router = Router::new()
        .route("/events/{id}/deliver", post(delivery::deliver))
        .route("/hooks/{id}/rename", post(delivery::rename))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await?;
    axum::serve(listener, router).await?;
    Ok(())
}

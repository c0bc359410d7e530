// A transaction stays open while a webhook is posted.
use axum::{Json, extract::State, http::StatusCode};
use sqlx::PgPool;

#[derive(Clone)]
pub struct AppState {
    pub db: PgPool,
    pub http: reqwest::Client,
    pub webhook_url: String,
}

#[derive(serde::Deserialize, serde::Serialize)]
pub struct NewOrder {
    pub sku: String,
    pub quantity: i32,
}

pub async fn create_order(
    State(state): State<AppState>,
    Json(order): Json<NewOrder>,
) -> Result<StatusCode, ApiError> {
    let mut tx = state.db.begin().await?;
    sqlx::query("INSERT INTO orders (sku, quantity) VALUES ($1, $2)")
        .bind(&order.sku)
        .bind(order.quantity)
        .execute(&mut *tx)
        .await?;
    state.http.post(&state.webhook_url).json(&order).send().await?; //~ SA001
    tx.commit().await?;
    Ok(StatusCode::CREATED)
}

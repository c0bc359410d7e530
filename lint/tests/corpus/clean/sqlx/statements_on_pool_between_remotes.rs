// Each statement goes to the pool on its own, so nothing is held between them.
use axum::{
    Json,
    extract::{Path, State},
};
use sqlx::PgPool;

#[derive(Clone)]
pub struct AppState {
    pub pool: PgPool,
    pub http: reqwest::Client,
}

pub async fn refresh(
    State(state): State<AppState>,
    Path(feed): Path<i64>,
) -> Result<Json<usize>, ApiError> {
    let url: String = sqlx::query_scalar("SELECT url FROM feeds WHERE id = $1")
        .bind(feed)
        .fetch_one(&state.pool)
        .await?;
    let text = state.http.get(&url).send().await?.text().await?;
    let entries = text.lines().filter(|line| line.contains("<entry>")).count();
    sqlx::query("UPDATE feeds SET entries = $1, fetched = now() WHERE id = $2")
        .bind(entries as i64)
        .bind(feed)
        .execute(&state.pool)
        .await?;
    Ok(Json(entries))
}

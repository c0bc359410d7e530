// A macro declares the client, and only statements follow it.
use axum::{
    Json,
    extract::{Path, State},
};
use deadpool_postgres::Pool;

macro_rules! client {
    ($name:ident, $pool:expr) => {
        let $name = $pool.get().await.map_err(AppError::pool)?;
    };
}

#[derive(Clone)]
pub struct AppState {
    pub pool: Pool,
}

pub async fn profile(
    State(state): State<AppState>,
    Path(user): Path<i64>,
) -> Result<Json<String>, AppError> {
    client!(db, state.pool);
    let row = db
        .query_one("SELECT email FROM users WHERE id = $1", &[&user])
        .await
        .map_err(AppError::db)?;
    db.execute("UPDATE users SET seen = now() WHERE id = $1", &[&user])
        .await
        .map_err(AppError::db)?;
    Ok(Json(row.get(0)))
}

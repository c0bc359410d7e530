// A macro of the code base declares the client, and the handler calls out after it.
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
    pub avatars: Gravatar,
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
    let avatar = state.avatars.url(row.get(0)).await?; //~ SA001
    Ok(Json(avatar))
}

#[derive(Clone)]
pub struct Gravatar(reqwest::Client);

impl Gravatar {
    pub async fn url(&self, email: &str) -> Result<String, AppError> {
        Ok(self.0.get("http://gravatar").query(&[("email", email)]).send().await?.text().await?)
    }
}

// One client is shared by all handlers and pipelined; nobody checks it out.
use axum::extract::{Path, State};
use std::sync::Arc;
use tokio_postgres::Client;

#[derive(Clone)]
pub struct App {
    db: Arc<Client>,
    http: reqwest::Client,
}

pub async fn mirror(State(app): State<App>, Path(id): Path<i64>) -> Result<String, AppError> {
    let row = app.db.query_one("SELECT url FROM mirrors WHERE id = $1", &[&id]).await?;
    let text = app.http.get(row.get::<_, String>(0)).send().await?.text().await?;
    app.db
        .execute("UPDATE mirrors SET size = $1 WHERE id = $2", &[&(text.len() as i64), &id])
        .await?;
    Ok(text)
}

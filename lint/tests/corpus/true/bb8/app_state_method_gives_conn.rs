// The state's db() method is a checkout, and its caller talks to a queue with the result.
use axum::{Json, extract::State};
use bb8::{Pool, PooledConnection, RunError};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

#[derive(Clone)]
pub struct App {
    pool: Pool<PostgresConnectionManager<NoTls>>,
    queue: aws_sdk_sqs::Client,
}

impl App {
    async fn db(
        &self,
    ) -> Result<
        PooledConnection<'_, PostgresConnectionManager<NoTls>>,
        RunError<tokio_postgres::Error>,
    > {
        self.pool.get().await
    }
}

pub async fn submit(
    State(app): State<App>,
    Json(job): Json<serde_json::Value>,
) -> Result<Json<i64>, AppError> {
    let db = app.db().await?;
    let row = db.query_one("INSERT INTO jobs (spec) VALUES ($1) RETURNING id", &[&job]).await?;
    let id: i64 = row.get(0);
    app.queue.send_message().queue_url("jobs").message_body(id.to_string()).send().await?; //~ SA001
    Ok(Json(id))
}

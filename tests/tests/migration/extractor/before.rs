use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use sqlx::{PgPool, PgTransaction};

use crate::remote::Model;

/// The transaction of a request, held from its first extractor to the end of its handler.
pub(crate) struct RequestTx(PgTransaction<'static>);

impl FromRequestParts<PgPool> for RequestTx {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, pool: &PgPool) -> Result<Self, StatusCode> {
        pool.begin().await.map(RequestTx).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

pub(crate) async fn call_tool(
    RequestTx(mut tx): RequestTx,
    Path(id): Path<i64>,
) -> Result<String, StatusCode> {
    let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *tx)
        .await
        .map_err(internal)?;
    let output = Model.improve(&url).await; // the connection is held
    sqlx::query("INSERT INTO calls (tool_id, output) VALUES ($1, $2)")
        .bind(id)
        .bind(&output)
        .execute(&mut *tx)
        .await
        .map_err(internal)?;
    sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await
        .map_err(internal)?;
    tx.commit().await.map_err(internal)?;
    Ok(output)
}

fn internal(_: sqlx::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

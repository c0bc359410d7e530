// A handler that answers with impl IntoResponse holds its transaction over a token check.
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use sqlx::PgPool;
use std::sync::Arc;

pub struct Shared {
    pool: PgPool,
    tokens: Introspection,
}

pub async fn resolve(
    State(shared): State<Arc<Shared>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mut tx = match shared.pool.begin().await {
        Ok(tx) => tx,
        Err(error) => {
            tracing::error!(%error, "begin");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let token =
        headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !shared.tokens.active(token).await { //~ SA001
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let target = sqlx::query_scalar::<_, String>(
        "UPDATE links SET hits = hits + 1 WHERE code = $1 RETURNING url",
    )
    .bind(&code)
    .fetch_optional(&mut *tx)
    .await;
    if let Err(error) = tx.commit().await {
        tracing::error!(%error, "commit");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    match target {
        Ok(Some(url)) => Redirect::temporary(&url).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub struct Introspection {
    http: reqwest::Client,
}

impl Introspection {
    pub async fn active(&self, token: &str) -> bool {
        match self.http.post("http://idp/introspect").form(&[("token", token)]).send().await {
            Ok(answer) => answer.status().is_success(),
            Err(_) => false,
        }
    }
}

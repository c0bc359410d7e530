//! The service as tools of rmcp and routes of axum: its pool is two fields deep.

use std::sync::Arc;

use axum::extract::{Path, State};
use rmcp::handler::server::wrapper::Parameters;
use rmcp::{ErrorData, schemars, tool, tool_router};

use super::errors::{self, AppError, Text};
use super::{App, store};

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Tool {
    pub(crate) id: i64,
}

#[derive(Clone)]
pub(crate) struct Tools {
    pub(crate) app: Arc<App>,
}

#[tool_router]
impl Tools {
    /// Reads, calls, writes. rmcp's error has no `From<sqlx::Error>`.
    #[tool]
    pub(crate) async fn call(
        &self,
        Parameters(Tool { id }): Parameters<Tool>,
    ) -> Result<String, ErrorData> {
        let mut tx = self.app.pool.begin().await.map_err(failed)?;
        let url = store::link(&mut tx, id).await.map_err(failed)?;
        let output = self.app.model.improve(&url).await;
        store::record(&mut tx, id, &output).await.map_err(failed)?;
        let calls: i64 = sqlx::query_scalar("SELECT count(*) FROM calls WHERE tool_id = $1")
            .bind(id)
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(format!("{output} ({calls})"))
    }

    /// Finds nothing wrong here, but shares a helper with the tool above.
    #[tool]
    pub(crate) async fn link(
        &self,
        Parameters(Tool { id }): Parameters<Tool>,
    ) -> Result<String, ErrorData> {
        let mut conn = self.app.pool.acquire().await.map_err(failed)?;
        store::link(&mut conn, id).await.map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

pub(crate) async fn improve(
    State(tools): State<Tools>,
    Path(id): Path<i64>,
) -> errors::ApiResult<String> {
    let mut conn = tools.app.pool.acquire().await?;
    let url = store::link(&mut conn, id).await?;
    Ok(tools.app.model.improve(&url).await)
}

pub(crate) async fn improve_twice(State(tools): State<Tools>, Path(id): Path<i64>) -> Text {
    let mut conn = tools.app.pool.acquire().await?;
    let url = checked(&mut conn, id).await?;
    let once = tools.app.model.improve(&url).await;
    Ok(tools.app.model.improve(&once).await)
}

/// Fails with the error of the routes.
async fn checked(conn: &mut sqlx::SqliteConnection, id: i64) -> Result<String, AppError> {
    Ok(store::link(conn, id).await?)
}

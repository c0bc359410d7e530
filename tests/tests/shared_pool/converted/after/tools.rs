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
    #[shortlease::handler]
    #[tool]
    pub(crate) async fn call(
        &self,
        Parameters(Tool { id }): Parameters<Tool>,
    ) -> Result<String, ErrorData> {
        let mut db = self.app.db.session();
        let url = db
            .lease(async |tx| -> shortlease::sqlx::Result<_> { store::link(tx, id).await })
            .await
            .map_err(failed)?;
        let output = self.app.model.improve(&url).await;
        let calls: i64 = db
            .transaction(async |tx| -> shortlease::sqlx::Result<_> {
                store::record(tx, id, &output).await?;
                sqlx::query_scalar("SELECT count(*) FROM calls WHERE tool_id = $1")
                    .bind(id)
                    .fetch_one(tx)
                    .await
            })
            .await
            .map_err(failed)?;
        Ok(format!("{output} ({calls})"))
    }

    /// Finds nothing wrong here, but shares a helper with the tool above.
    #[shortlease::handler]
    #[tool]
    pub(crate) async fn link(
        &self,
        Parameters(Tool { id }): Parameters<Tool>,
    ) -> Result<String, ErrorData> {
        let mut db = self.app.db.session();
        db.lease(async |conn| -> shortlease::sqlx::Result<_> { store::link(conn, id).await })
            .await
            .map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

#[shortlease::handler]
pub(crate) async fn improve(
    State(tools): State<Tools>,
    Path(id): Path<i64>,
) -> errors::ApiResult<String> {
    let mut db = tools.app.db.session();
    let url = db.lease(async |conn| store::link(conn, id).await).await?;
    Ok(tools.app.model.improve(&url).await)
}

#[shortlease::handler(error = AppError)]
pub(crate) async fn improve_twice(State(tools): State<Tools>, Path(id): Path<i64>) -> Text {
    let mut db = tools.app.db.session();
    let url = db.lease(async |conn| checked(conn, id).await).await?;
    let once = tools.app.model.improve(&url).await;
    Ok(tools.app.model.improve(&once).await)
}

/// Fails with the error of the routes.
#[shortlease::leased]
async fn checked(
    conn: &mut shortlease::Conn<shortlease::Sqlite>,
    id: i64,
) -> Result<String, AppError> {
    Ok(store::link(conn, id).await?)
}

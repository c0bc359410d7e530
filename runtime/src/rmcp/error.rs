use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
use serde_json::{Value, json};

use crate::Error;

impl Error {
    /// Returns the result of a tool that failed with this: `isError: true`, the
    /// [`public_message`](Error::public_message) as text, and structured content with the [`code`](Error::code), the
    /// message and [`retry_after`](Error::retry_after) in milliseconds. Logs the error.
    #[must_use]
    pub fn into_tool_result(self) -> CallToolResult {
        log(&self);
        let mut result = CallToolResult::error(vec![ContentBlock::text(self.public_message())]);
        result.structured_content = Some(public(&self));
        result
    }

    /// Returns the protocol error of a prompt or a resource that failed with this, which have no `isError`. Its data is
    /// the structured content of [`into_tool_result`](Error::into_tool_result). Logs the error.
    ///
    /// A tool should not answer with it, because clients do not show protocol errors to anybody. So there is no `From`.
    #[must_use]
    pub fn into_error_data(self) -> ErrorData {
        log(&self);
        ErrorData::internal_error(self.public_message(), Some(public(&self)))
    }
}

impl IntoCallToolResult for Error {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        Ok(self.into_tool_result().into())
    }
}

fn log(error: &Error) {
    tracing::warn!(code = error.code(), %error, "a call failed at the database");
}

fn public(error: &Error) -> Value {
    let mut content = json!({ "code": error.code(), "message": error.public_message() });
    if let Some(pause) = error.retry_after() {
        content["retry_after_ms"] = json!(pause.as_millis());
    }
    content
}

/// The error of a tool that leases and may fail by the protocol too: in place of [`ErrorData`] in
/// `Result<CallToolResult, ErrorData>`.
///
/// ```
/// use rmcp::ErrorData;
/// use rmcp::model::{CallToolResult, ContentBlock};
/// use shortlease::rmcp::ToolError;
/// use shortlease::{Db, Sqlite, handler};
///
/// #[handler]
/// async fn url(db: &Db<Sqlite>, id: i64) -> Result<CallToolResult, ToolError> {
///     if id < 0 {
///         return Err(ErrorData::invalid_params("ids are positive", None).into());
///     }
///     let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
///     let url: String = db.session().fetch_one(url).await?;
///     Ok(CallToolResult::success(vec![ContentBlock::text(url)]))
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// A lease failed. The client gets a result with `isError: true`.
    #[error(transparent)]
    Lease(#[from] Error),
    /// The request cannot be served. The client gets a protocol error.
    #[error(transparent)]
    Protocol(#[from] ErrorData),
}

impl From<sqlx::Error> for ToolError {
    fn from(error: sqlx::Error) -> Self {
        ToolError::Lease(error.into())
    }
}

impl IntoCallToolResult for ToolError {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        match self {
            ToolError::Lease(error) => error.into_call_tool_result(),
            ToolError::Protocol(error) => Err(error),
        }
    }
}

/// Returns what a tool answers that has to return `Result<CallToolResult, ErrorData>`: a lease that failed becomes a
/// result with `isError: true`.
///
/// ```
/// use rmcp::ErrorData;
/// use rmcp::model::{CallToolResult, ContentBlock};
/// use shortlease::rmcp::tool_result;
/// use shortlease::{Db, Error, Sqlite, handler};
///
/// async fn url(db: &Db<Sqlite>, id: i64) -> Result<CallToolResult, ErrorData> {
///     let url = find(db, id).await;
///     tool_result(url.map(|url| CallToolResult::success(vec![ContentBlock::text(url)])))
/// }
///
/// #[handler]
/// async fn find(db: &Db<Sqlite>, id: i64) -> Result<String, Error> {
///     let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
///     db.session().fetch_one(url).await
/// }
/// ```
///
/// # Errors
///
/// The error of the protocol, if that is what the tool failed with.
pub fn tool_result<E: Into<ToolError>>(
    outcome: Result<CallToolResult, E>,
) -> Result<CallToolResult, ErrorData> {
    match outcome.map_err(Into::into) {
        Ok(result) => Ok(result),
        Err(ToolError::Lease(error)) => Ok(error.into_tool_result()),
        Err(ToolError::Protocol(error)) => Err(error),
    }
}

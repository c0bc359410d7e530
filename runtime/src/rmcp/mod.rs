//! For rmcp 3.11: MCP servers whose tools lease.
//!
//! ```
//! use rmcp::handler::server::wrapper::Parameters;
//! use rmcp::{ServerHandler, schemars, tool, tool_handler, tool_router};
//! use shortlease::rmcp::drop_cancelled;
//! use shortlease::{Db, Error, Sqlite, handler};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Lookup {
//!     id: i64,
//! }
//!
//! #[derive(Clone)]
//! struct Tools {
//!     db: Db<Sqlite>,
//! }
//!
//! #[tool_router]
//! impl Tools {
//!     /// Returns the URL of a tool.
//!     #[handler]
//!     #[tool]
//!     async fn url(&self, Parameters(Lookup { id }): Parameters<Lookup>) -> Result<String, Error> {
//!         let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1");
//!         self.db.session().fetch_one(url.bind(id)).await
//!     }
//! }
//!
//! #[tool_handler(router = drop_cancelled(Self::tool_router()))]
//! impl ServerHandler for Tools {}
//!
//! async fn serve(db: Db<Sqlite>) {
//!     shortlease::rmcp::serve_stdio(Tools { db: db.clone() }, &db).await.exit();
//! }
//! ```
//!
//! `#[handler]` belongs above `#[tool]` and `#[prompt]`, so that it sees the body as you wrote it. Import from shortlease by
//! name: after `use shortlease::*`, the name `rmcp` would mean this module, and rmcp's macros look for the crate.
//!
//! # Answers
//!
//! An [`Error`](crate::Error) becomes a result with `isError: true`, whose structured content has `code`, `message` and, if
//! it helps to try again, `retry_after_ms`. The MCP session stays open. The error is logged whole, and nothing more of
//! it reaches the client. For other shapes of handlers there are [`ToolError`], [`tool_result`],
//! [`Error::into_tool_result`](crate::Error::into_tool_result) and
//! [`Error::into_error_data`](crate::Error::into_error_data).
//!
//! A tool may have an error type of its own, if that says what the client gets:
//!
//! ```
//! use rmcp::ErrorData;
//! use rmcp::handler::server::tool::IntoCallToolResult;
//! use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock};
//!
//! enum AppError {
//!     NoSuchTool,
//!     Database(shortlease::Error),
//! }
//!
//! impl From<shortlease::Error> for AppError {
//!     fn from(error: shortlease::Error) -> Self {
//!         AppError::Database(error)
//!     }
//! }
//!
//! impl IntoCallToolResult for AppError {
//!     fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
//!         match self {
//!             AppError::NoSuchTool => {
//!                 let text = ContentBlock::text("There is no such tool.");
//!                 Ok(CallToolResult::error(vec![text]).into())
//!             }
//!             AppError::Database(error) => error.into_call_tool_result(),
//!         }
//!     }
//! }
//! ```
//!
//! # Prompts
//!
//! A prompt has no `isError`, so it ends in a protocol error. [`run_until_cancelled`] drops it as [`drop_cancelled`] drops
//! tools:
//!
//! ```
//! use rmcp::handler::server::wrapper::Parameters;
//! use rmcp::model::{PromptMessage, Role};
//! use rmcp::service::RequestContext;
//! use rmcp::{
//!     ErrorData, RoleServer, ServerHandler, prompt, prompt_handler, prompt_router, schemars,
//! };
//! use shortlease::rmcp::run_until_cancelled;
//! use shortlease::{Db, Error, Sqlite, handler};
//!
//! # #[derive(serde::Deserialize, schemars::JsonSchema)]
//! # struct Lookup {
//! #     id: i64,
//! # }
//! # struct Tools {
//! #     db: Db<Sqlite>,
//! # }
//! #[prompt_router]
//! impl Tools {
//!     /// Asks what a tool is for.
//!     #[handler]
//!     #[prompt]
//!     async fn explain(
//!         &self,
//!         Parameters(Lookup { id }): Parameters<Lookup>,
//!         context: RequestContext<RoleServer>,
//!     ) -> Result<Vec<PromptMessage>, ErrorData> {
//!         run_until_cancelled(context.ct, async {
//!             let url = sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id);
//!             let url: String =
//!                 self.db.session().fetch_one(url).await.map_err(Error::into_error_data)?;
//!             Ok(vec![PromptMessage::new_text(Role::User, format!("What is {url} for?"))])
//!         })
//!         .await
//!     }
//! }
//!
//! #[prompt_handler]
//! impl ServerHandler for Tools {}
//! ```
//!
//! # Over HTTP
//!
//! Over standard input and output, [`serve_stdio`] serves and stops. Over streamable HTTP, axum serves, and
//! [`lifecycle`](crate::lifecycle) stops. At the signal axum takes no more requests, and waits for the answers of the calls
//! that are under way. Give `stop` to axum alone: with rmcp's `with_cancellation_token(stop)`, those calls end without an
//! answer. This needs rmcp's feature `transport-streamable-http-server`:
//!
//! ```
//! use std::sync::Arc;
//!
//! use rmcp::ServerHandler;
//! use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
//! use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
//! use shortlease::lifecycle::{self, Ended};
//! use shortlease::{Db, Sqlite};
//!
//! async fn serve(tools: impl ServerHandler + Clone, db: &Db<Sqlite>) -> Ended {
//!     lifecycle::shutdown(db)
//!         .serve(async |stop| {
//!             let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false);
//!             let sessions = Arc::new(NeverSessionManager::default());
//!             let mcp = StreamableHttpService::new(move || Ok(tools.clone()), sessions, config);
//!             let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!             axum::serve(listener, axum::Router::new().nest_service("/mcp", mcp))
//!                 .with_graceful_shutdown(stop.cancelled_owned())
//!                 .await
//!         })
//!         .await
//! }
//! ```
//!
//! # Clients that are gone
//!
//! rmcp runs each call in a task of its own. If the client cancels the call, or is gone, rmcp cancels the call's token and
//! leaves the task alone, which then goes on for nobody. [`drop_cancelled`] drops the call, and its lease with it. It
//! does not cut a COMMIT, whose outcome would be unknown, nor what the handler names with [`uncut`].
//!
//! Over streamable HTTP rmcp notices that a client is gone only without sessions, because with sessions the client
//! may come back for the answer.

mod cancel;
mod error;
mod stdio;

pub use cancel::{DropCancelled, drop_cancelled, run_until_cancelled, uncut};
pub use error::{ToolError, tool_result};
pub use stdio::serve_stdio;

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
//! `#[handler]` belongs above `#[tool]` and `#[prompt]`, so that it sees the body as you wrote it.
//!
//! # Answers
//!
//! An [`Error`](crate::Error) becomes a result with `isError: true`, whose structured content has `code`, `message` and, if
//! it helps to try again, `retry_after_ms`. The MCP session stays open. The error is logged whole, and nothing more of
//! it reaches the client. For other shapes of handlers there are [`ToolError`], [`tool_result`] and
//! [`Error::into_error_data`](crate::Error::into_error_data).
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

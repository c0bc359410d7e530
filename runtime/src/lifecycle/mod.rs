//! The end of a server: it stops accepting, lets what runs come to its end, closes the database, and exits.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use shortlease::{Db, Sqlite, lifecycle};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), shortlease::Error> {
//!     let db = Db::<Sqlite>::builder("sqlite://tools.db").connect_lazy()?;
//!     let routes = axum::Router::new(); // with a clone of `db` as its state
//!     lifecycle::shutdown(&db)
//!         .drain_within(Duration::from_secs(15))
//!         .serve(async |stop| {
//!             let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!             axum::serve(listener, routes)
//!                 .with_graceful_shutdown(stop.cancelled_owned())
//!                 .await
//!         })
//!         .await
//!         .exit()
//! }
//! ```
//!
//! A worker beside the server stops with the same token. Give it a clone, and await it at the end:
//!
//! ```
//! use std::time::Duration;
//!
//! use shortlease::lifecycle::{self, CancellationToken, Ended};
//! use shortlease::{Db, Sqlite};
//!
//! async fn work(db: Db<Sqlite>, stop: CancellationToken) {
//!     let pause = Duration::from_secs(1);
//!     while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
//!         // one job, with a session of its own: `db.session()`
//! #       let _ = &db;
//!     }
//! }
//!
//! async fn serve(db: &Db<Sqlite>, routes: axum::Router) -> Ended {
//!     lifecycle::shutdown(db)
//!         .serve(async |stop| {
//!             let worker = tokio::spawn(work(db.clone(), stop.clone()));
//!             let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//!             axum::serve(listener, routes)
//!                 .with_graceful_shutdown(stop.cancelled_owned())
//!                 .await?;
//!             worker.await.map_err(std::io::Error::other)
//!         })
//!         .await
//! }
//! ```
//!
//! An MCP server over stdio has [`rmcp::serve_stdio`](../rmcp/fn.serve_stdio.html), which uses this. A server never ends for
//! being idle: an idle one holds no connection, as [`min_idle`](crate::Builder::min_idle) is 0.

mod orphan;
mod shutdown;
mod signals;

pub use orphan::orphan_watch;
pub use shutdown::{Ended, Reason, Shutdown, shutdown};
/// The token that [`Shutdown::serve`] cancels when the server is to stop.
pub use tokio_util::sync::CancellationToken;

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
//! A worker beside the server stops with the same token. If it fails before, the server ends at once, with its error:
//!
//! ```
//! use std::time::Duration;
//!
//! use shortlease::lifecycle::{self, CancellationToken, Ended};
//! use shortlease::{Db, Sqlite};
//! use tokio::net::TcpListener;
//!
//! #[derive(Debug, thiserror::Error)]
//! enum AppError {
//!     #[error(transparent)]
//!     Database(#[from] shortlease::Error),
//!     #[error(transparent)]
//!     Io(#[from] std::io::Error),
//! }
//!
//! async fn work(db: Db<Sqlite>, stop: CancellationToken) -> Result<(), AppError> {
//!     let pause = Duration::from_secs(1);
//! #   let pause = pause / 100;
//!     while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
//!         // One job, with a session of its own.
//!         db.session().execute("DELETE FROM calls").await?;
//!     }
//!     Ok(())
//! }
//!
//! async fn serve(db: &Db<Sqlite>, listener: TcpListener, routes: axum::Router) -> Ended {
//!     let serve = async |stop: CancellationToken| -> Result<(), AppError> {
//!         let worker = work(db.clone(), stop.clone());
//!         let server = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
//!         tokio::try_join!(worker, async { Ok(server.await?) }).map(drop)
//!     };
//!     lifecycle::shutdown(db).serve(serve).await
//! }
//! # #[tokio::main]
//! # async fn main() {
//! #     let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
//! #     // There is no such table.
//! #     let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
//! #     let ended = serve(&db, listener, axum::Router::new());
//! #     let ended = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("an end");
//! #     assert!(matches!(&ended.reason, lifecycle::Reason::Failed(e) if e.contains("calls")), "{ended:?}");
//! # }
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

//! A handler may hold a pooled database connection only inside a lease, and inside a lease the
//! compiler accepts no await but a database call.
//!
//! ```
//! use shortlease::{Conn, Db, Session, Sqlite, handler, leased};
//!
//! #[handler]
//! async fn call_tool(db: &mut Session<Sqlite>, id: i64) -> Result<String, shortlease::Error> {
//!     let url = db.lease(async |conn| load_url(conn, id).await).await?;
//!     // The connection is back in the pool: a slow remote call here costs it nothing.
//!     db.transaction(async |tx| {
//!         sqlx::query("INSERT INTO calls (tool_id) VALUES ($1)").bind(id).execute(tx).await
//!     })
//!     .await?;
//!     Ok(url)
//! }
//!
//! #[leased]
//! async fn load_url(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
//!     sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), shortlease::Error> {
//! let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(4).connect().await?;
//! # db.session().execute(sqlx::raw_sql("CREATE TABLE tools (id INTEGER, url TEXT); \
//! #     CREATE TABLE calls (tool_id INTEGER); INSERT INTO tools VALUES (1, 'http://a')")).await?;
//! assert_eq!(call_tool(&mut db.session(), 1).await?, "http://a");
//! # Ok(())
//! # }
//! ```

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!(
    "shortlease needs a database: enable its feature `sqlite` (the default), `postgres`, or both"
);

#[cfg(all(doctest, feature = "sqlite", feature = "postgres"))]
#[doc = include_str!("../../docs/operating.md")]
mod operating {}

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/rules.md")]
mod rules {}

#[cfg(doctest)]
#[doc = include_str!("../../docs/guarantee.md")]
mod guarantee {}

mod answer;
mod backend;
mod budget;
mod builder;
mod call;
mod checkout;
mod close;
mod conn;
mod connect;
mod counting;
mod db;
mod dedicated;
mod error;
mod future;
mod held;
mod holder;
mod lease;
mod lending;
mod log;
mod maintenance;
mod pool;
mod queue;
mod raw;
mod recovery;
mod remote;
mod session;
mod settings;
mod site;
mod statement;
mod stream;
mod telemetry;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use answer::StatementFuture;
pub use backend::Backend;
pub use builder::Builder;
pub use call::DbCall;
pub use close::CloseReport;
pub use conn::Conn;
pub use conn::transaction::Tx;
pub use db::Db;
pub use dedicated::Dedicated;
pub use error::{Busy, Error, Revocation, WaitPhase};
pub use future::DbFuture;
pub use holder::LeaseInfo;
pub use remote::Remote;
pub use session::Session;
pub use settings::Pooler;
pub use shortlease_macros::{handler, leased};
pub use site::CallSite;
pub use statement::Statement;
pub use stream::{DbStream, Rows};

#[cfg(feature = "postgres")]
pub use sqlx::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlx::Sqlite;

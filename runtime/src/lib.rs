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
//! # db.session().execute("CREATE TABLE tools (id INTEGER, url TEXT); \
//! #     CREATE TABLE calls (tool_id INTEGER); INSERT INTO tools VALUES (1, 'http://a')").await?;
//! assert_eq!(call_tool(&mut db.session(), 1).await?, "http://a");
//! # Ok(())
//! # }
//! ```
//!
//! # The types
//!
//! | type | meaning |
//! | --- | --- |
//! | [`Db`] | the handle of a database, shared by all requests: connections, limits, figures. [`Db::builder`] makes one |
//! | [`Session`] | the right of one request to lease, one connection at a time. [`Db::session`] makes one |
//! | [`Conn`], [`Tx`] | the connection that the body of a lease sees, and a transaction on it |
//! | [`handler`] | marks a function that opens leases |
//! | [`leased`] | marks a function that runs on the lease of its caller |
//! | [`DbFuture`], [`DbStream`] | the futures and streams that wait on the database alone. A lease awaits no others |
//! | [`Statement`] | `sqlx`'s queries. [`StatementFuture`] and [`Rows`] are what their verbs return, [`SessionCall`] what those of a session do |
//! | [`EitherConn`] | a leased connection or one of `sqlx`, for helpers that both call |
//! | [`Remote`] | a client that cannot be used while a lease is open |
//! | [`Dedicated`] | a connection outside of the pool, for session locks |
//! | [`Error`], [`Busy`] | why a lease could not be opened, or did not end well |
//! | [`Status`], [`LeaseInfo`], [`CallSite`] | the state of the pool, an open lease, and the line that opened it |
//!
//! # The rules
//!
//! [Each rule](https://docs.rs/shortlease/latest/shortlease/rules/) has a section with an example, the error, and what
//! to write instead. [The guarantee](https://docs.rs/shortlease/latest/shortlease/guarantee/) says what follows from
//! them, on what assumptions, and what does not.
//!
//! | code | refused |
//! | --- | --- |
//! | SL001 | to await anything but a database call inside a lease |
//! | SL002 | a lease that is not awaited where it is opened |
//! | SL003 | an await that a macro could hide inside a lease |
//! | SL004 | known blocking calls inside a lease |
//! | SL005 | SQL literals that change the session |
//! | SL006 | a raw connection or pool in a handler |
//! | SL007 | a lease inside a lease |
//! | SL008 | the connection leaving the lease |
//! | SL009 | an attribute on something it does not fit |
//! | SL010 | a lease outside a [`handler`] |
//! | SL011 | SQL literals that last for a transaction, in a lease that is not one |
//!
//! # How to read an error
//!
//! An error that the attributes find begins with the code of its rule, such as `SL004:`, if it breaks one. The others come from
//! rustc:
//!
//! | rustc says | meaning |
//! | --- | --- |
//! | a database connection is held across this `.await` | SL001: end the lease before that line, or mark the function [`leased`] |
//! | `await` is only allowed inside `async` functions and blocks | SL003, if it is in what a macro expands to: write that out, or trust the macro |
//! | borrowed data escapes, or a value does not live long enough | SL008: the lease ends with its body, so return values, not the connection |
//! | this lease is outside a `#[handler]` | SL010: mark the function [`handler`] |
//! | `Executor<'_>` is not implemented for `&mut Session<_>` or `&Db<_>` | a session runs a statement as `session.fetch_one(query)`, and in a lease it is `query.fetch_one(conn)` |
//! | expected `&mut Conn<_>`, found `&mut Session<_>` | a [`leased`] function runs on a lease: `session.lease(async \|conn\| load(conn, id).await)` |
//! | expected `&mut Conn<_>`, found `&mut Transaction<_>` of `sqlx` | a caller that is not converted yet: a helper for both takes `&mut impl EitherConn<_>` |
//! | the trait `Tools` is not dyn compatible, or a method has an incompatible type for a trait: expected `Pin<Box<..>>`, found `DbCall<_>` or a future | mark the trait and each `impl` of it `#[leased(boxed)]` |
//! | `QueryAs<..>` is not a statement that can run on a lease | what it reads has no `#[derive(sqlx::FromRow)]`, or a field that `sqlx` cannot decode |
//! | expected `&mut Tx<_>`, found `&mut Conn<_>` | the function needs a transaction: `session.transaction(async \|tx\| ..)` |
//! | expected `&mut SqliteConnection`, found `&mut Conn<_>` | if you wrote the function, give it `&mut Conn<_>` and mark it [`leased`]. If another crate did, lend it the connection: [`Conn::unchecked`] |
//! | expected `Result<_, MyError>`, found `Result<_, sqlx::Error>`, at the end of a [`leased`] function | convert it as in any function: `Ok(query.fetch_one(conn).await?)` |
//! | expected `shortlease::Error`, found `MyError`, or `?` couldn't convert the error to `shortlease::Error`, in a body | a lease that `match` or `.map_err` follows ends in [`Error`]. Say what the body returns: `async \|conn\| -> Result<_, MyError> { .. }` |
//! | captured variable cannot escape `FnMut` closure body | the body of [`transaction_with`](Session::transaction_with) may run again, so return the value instead of changing a variable |
//!
//! At run time, [`Error::code`] is a stable word for each kind, and `Error::Busy` names the leases that hold the
//! connections by file and line.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `sqlite` (default) | SQLite |
//! | `postgres` | PostgreSQL, directly or behind PgBouncer |
//! | `mysql` | MariaDB and MySQL |
//! | `tls-rustls`, `tls-native-tls` | TLS to the server, by rustls with Mozilla's roots or by the system's library: those of `sqlx`, and any other of its TLS features does too |
//! | `axum` | for [axum](https://docs.rs/axum/0.8) 0.8: `Session` as an extractor, `Error` as a response |
//! | `serde` | `Serialize` for [`Busy`], [`CallSite`], [`LeaseInfo`], [`Status`] and [`WaitPhase`] |
//! | `rmcp` | for [rmcp](https://docs.rs/rmcp/3.11) 3.11: `Error` as the result of a tool, calls that end with their client, stdio servers that end with theirs |
//! | `lifecycle` | the end of a server: signals, a drain with a deadline, the pool closed; part of `rmcp` |
//! | `test` | `Builder::test_transaction`: a whole test in one transaction that never commits |
//!
//! The minimum supported Rust version is 1.95. On Windows, `lifecycle` ends a server at Ctrl-C, and no parent's death is
//! noticed.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!(
    "shortlease needs a database: enable its feature `sqlite` (the default), `postgres` or `mysql`"
);

#[cfg(all(doctest, feature = "sqlite", feature = "postgres"))]
#[doc = include_str!("../docs/operating.md")]
mod operating {}

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../docs/cookbook.md")]
mod cookbook {}

#[cfg(all(doctest, feature = "axum", feature = "rmcp", feature = "sqlite"))]
#[doc = include_str!("../../README.md")]
mod readme {}

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
mod package_readme {}

#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/guarantee.md")]
pub mod guarantee {}

#[macro_use]
mod opaque;
mod after_connect;
#[cfg(feature = "axum")]
pub mod axum;
mod backend;
mod backoff;
mod builder;
mod call_site;
mod capacity;
mod conn;
mod connection_settings;
mod credentials;
mod db;
mod dedicated;
mod error;
mod from_env;
mod future;
mod handler;
mod lease;
mod lease_info;
mod lease_state;
#[cfg(feature = "lifecycle")]
pub mod lifecycle;
mod mode;
mod no_session;
mod pool;
mod remote;
#[cfg(feature = "axum")]
mod request;
#[cfg(feature = "rmcp")]
pub mod rmcp;
#[cfg(feature = "serde")]
mod serialize;
mod session;
mod settings;
mod status;
mod telemetry;
mod tx_options;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use backend::Backend;
pub use builder::Builder;
pub use call_site::CallSite;
pub use conn::Conn;
pub use conn::either::EitherConn;
pub use conn::statement::Statement;
pub use conn::transaction::Tx;
pub use credentials::Credentials;
pub use db::{CloseReport, Db};
pub use dedicated::Dedicated;
#[cfg(feature = "postgres")]
pub use dedicated::listener::{Heard, Listener};
pub use error::{Busy, Error, Revocation, WaitPhase};
pub use future::call::DbCall;
pub use future::either::EitherCall;
pub use future::leased_fn::LeasedFn;
pub use future::rows::Rows;
pub use future::session_call::SessionCall;
pub use future::statement::StatementFuture;
pub use future::{DbFuture, DbStream};
pub use lease_info::LeaseInfo;
pub use remote::Remote;
pub use session::Session;
pub use settings::Pooler;
/// Marks a function that opens leases.
///
/// ```
/// use shortlease::{Error, Session, Sqlite, handler};
///
/// #[handler]
/// async fn rename(db: &mut Session<Sqlite>, id: i64, name: &str) -> Result<(), Error> {
///     db.transaction(async |tx| {
///         sqlx::query("UPDATE tools SET name = $2 WHERE id = $1").bind(id).bind(name).execute(tx).await?;
///         Ok(())
///     })
///     .await
/// }
/// ```
///
/// `error` names the error of the leases that `?`, a `return` or the end hands on, if the return type does not show one:
///
/// ```
/// # use shortlease::{Session, Sqlite, handler};
/// #[derive(Debug)]
/// struct ToolError(String);
///
/// impl<E: std::error::Error> From<E> for ToolError {
///     fn from(error: E) -> Self {
///         ToolError(error.to_string())
///     }
/// }
///
/// type Counted = Result<i64, ToolError>;
///
/// #[handler(error = ToolError)]
/// async fn count(db: &mut Session<Sqlite>) -> Counted {
///     db.lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await).await
/// }
/// ```
///
/// `trust` leaves a macro unchecked, and `allow` switches a rule off, with the reason:
///
/// ```
/// # use shortlease::{Error, Session, Sqlite, handler};
/// macro_rules! count {
///     ($conn:expr) => {
///         sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one($conn).await?
///     };
/// }
///
/// #[handler(trust(count), allow(SL004 = "a lock of the test, held for microseconds"))]
/// async fn counted(db: &mut Session<Sqlite>, lock: &tokio::sync::Mutex<()>) -> Result<i64, Error> {
///     db.lease(async |conn| {
///         let _guard = lock.blocking_lock();
///         Ok(count!(conn))
///     })
///     .await
/// }
/// ```
///
/// `crate` says where shortlease is, if it has another name there:
///
/// ```
/// extern crate shortlease as lease;
/// use lease::{Error, Session, Sqlite, handler};
///
/// #[handler(crate = crate::lease)]
/// async fn now(db: &mut Session<Sqlite>) -> Result<String, Error> {
///     db.lease(async |conn| sqlx::query_scalar("SELECT datetime()").fetch_one(conn).await).await
/// }
/// # fn main() {}
/// ```
///
/// On a whole `impl`, it applies to each function in it:
///
/// ```
/// # use shortlease::{Db, Error, Sqlite, handler};
/// struct Tools {
///     db: Db<Sqlite>,
/// }
///
/// #[handler]
/// impl Tools {
///     async fn count(&self) -> Result<i64, Error> {
///         let mut session = self.db.session();
///         session.lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await).await
///     }
/// }
/// ```
#[doc(inline)]
pub use shortlease_macros::handler;
/// Marks a function that runs on the lease of its caller.
///
/// ```
/// use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
///
/// #[handler]
/// async fn url(db: &mut Session<Sqlite>, id: i64) -> Result<String, Error> {
///     db.lease(async |conn| load(conn, id).await).await
/// }
///
/// #[leased]
/// async fn load(conn: &mut Conn<Sqlite>, id: i64) -> sqlx::Result<String> {
///     sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
/// }
/// ```
///
/// `boxed` makes the methods of a trait usable through `dyn`, and a function able to call itself:
///
/// ```
/// # use shortlease::{Conn, Sqlite, leased};
/// #[leased(boxed)]
/// trait Tools: Send + Sync {
///     async fn count(&self, conn: &mut Conn<Sqlite>) -> sqlx::Result<i64>;
/// }
///
/// #[leased]
/// async fn twice(conn: &mut Conn<Sqlite>, tools: &dyn Tools) -> sqlx::Result<i64> {
///     Ok(2 * tools.count(conn).await?)
/// }
/// ```
///
/// `on` names the parameter that carries the lease, if its type does not show it:
///
/// ```
/// # use shortlease::{Sqlite, Tx, leased};
/// struct Storage<'l> {
///     tx: &'l mut Tx<Sqlite>,
/// }
///
/// #[leased(on = storage)]
/// async fn count(storage: &mut Storage<'_>) -> sqlx::Result<i64> {
///     sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(&mut *storage.tx).await
/// }
/// ```
///
/// A connection of the type `impl EitherConn<_>` is a leased one or one of `sqlx`, so that code which is not converted yet can
/// call the function too: see [`EitherConn`]. A closure that is marked `#[leased]` is a [`LeasedFn`].
///
/// `trust`, `allow` and `crate` are those of [`handler`].
#[doc(inline)]
pub use shortlease_macros::leased;
pub use status::Status;
pub use tx_options::{Isolation, TxOptions};

/// The `sqlx` that this crate was built with: what is used by this path cannot be of another version.
pub use sqlx;
#[cfg(feature = "mysql")]
pub use sqlx::MySql;
#[cfg(feature = "postgres")]
pub use sqlx::Postgres;
#[cfg(feature = "sqlite")]
pub use sqlx::Sqlite;

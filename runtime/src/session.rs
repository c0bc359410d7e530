use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::future::FutureExt;
use tokio::time::Instant;

use crate::call_site::CallSite;
use crate::conn::leased::Leased;
use crate::future::session_call::SessionCall;
use crate::handler::{InHandler, LeaseError};
use crate::lease::pending::PendingLease;
use crate::lease::request::{LeaseRequest, Scope};
use crate::pool::Pool;
#[cfg(feature = "axum")]
use crate::request::SessionUse;
use crate::{Backend, Conn, Error, Isolation, Rows, Statement, Tx, TxOptions};

/// The right of one request to lease, one connection at a time. [`Db::session`](crate::Db::session) makes one.
///
/// | to run | write, in a function that is marked [`#[handler]`](crate::handler) |
/// | --- | --- |
/// | one statement | `session.fetch_one(query).await`, or [`execute`](Session::execute), [`fetch_optional`](Session::fetch_optional), [`fetch_all`](Session::fetch_all). They need no attribute |
/// | several on one connection | [`session.lease(async \|conn\| ..).await`](Session::lease) |
/// | several, all or none | [`session.transaction(async \|tx\| ..).await`](Session::transaction), or with options [`transaction_with`](Session::transaction_with) |
/// | reads that see one state | [`session.snapshot(async \|conn\| ..).await`](Session::snapshot) |
///
/// A session is not `Clone`, and each lease borrows it mutably. So one session never waits for a second connection while it
/// holds one, and requests with one session each cannot block each other for good. Code that takes two sessions and joins
/// them can hold two connections.
pub struct Session<DB: Backend> {
    pool: Arc<Pool<DB>>,
    scope: Scope,
    /// It has had a lease, unless a request's session knows that.
    begun: AtomicBool,
    /// The session of a request that several may want. It ends with the session.
    #[cfg(feature = "axum")]
    session_use: Option<SessionUse>,
}

impl<DB: Backend> Session<DB> {
    pub(crate) fn new(pool: Arc<Pool<DB>>) -> Self {
        Session {
            pool,
            scope: Scope::default(),
            begun: AtomicBool::new(false),
            #[cfg(feature = "axum")]
            session_use: None,
        }
    }

    /// Returns the session of a request, as its last user has left it.
    #[cfg(feature = "axum")]
    pub(crate) fn of_request(pool: Arc<Pool<DB>>, session_use: SessionUse, scope: Scope) -> Self {
        Session { pool, scope, begun: AtomicBool::new(false), session_use: Some(session_use) }
    }

    /// Changes what the session sets for its leases.
    fn scoped(mut self, change: impl FnOnce(&mut Scope)) -> Self {
        change(&mut self.scope);
        #[cfg(feature = "axum")]
        if let Some(session_use) = &self.session_use {
            session_use.set_scope(&self.scope);
        }
        self
    }

    /// Makes this the session of a tenant: its statements work in the schema of that name, and in no other. Each lease is a
    /// transaction whose first message also sets `SET LOCAL search_path`, so nothing is left behind on the connection. Any
    /// name of a schema works, because it is quoted.
    ///
    /// ```
    /// # #[cfg(feature = "postgres")]
    /// # async fn f(db: shortlease::Db<shortlease::Postgres>, tenant: String) -> Result<(), shortlease::Error> {
    /// let mut session = db.session().tenant(tenant);
    /// let tools: i64 = session.fetch_one(sqlx::query_scalar("SELECT count(*) FROM tools")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// If leases wait for connections, the tenant that holds the fewest connections is served first. Within a tenant, the
    /// lease that has waited longest is served first. PostgreSQL only.
    ///
    /// Tables and types of the same name may differ between schemas. So a connection that another tenant has used prepares
    /// its statements anew, which costs a round trip for each.
    #[must_use]
    pub fn tenant(self, name: impl Into<Arc<str>>) -> Self {
        self.scoped(|scope| scope.tenant = Some(name.into()))
    }

    /// Sets a setting of the server for each lease of this session. Policies of row-level security read it with
    /// `current_setting('app.user_id')`. Each lease is then a transaction whose first message also sets it, so nothing is
    /// left behind on the connection. Subscribers of `tracing` do not see the value.
    ///
    /// The value is what `set_config` takes: a list has commas, such as `app, public` for `search_path`. Another `search_path`
    /// costs as much as another [`tenant`](Session::tenant). The setting is made by a query, and after a query PostgreSQL
    /// refuses `SET TRANSACTION`: use [`TxOptions`].
    ///
    /// The last value of a name counts. With a bad name, or a zero byte in a value, a lease fails with
    /// [`Error::Setting`]. PostgreSQL only.
    ///
    /// ```
    /// # use shortlease::{Postgres, Session};
    /// fn as_user(session: Session<Postgres>, id: i64) -> Session<Postgres> {
    ///     session.setting("app.user_id", id.to_string())
    /// }
    /// ```
    #[must_use]
    pub fn setting(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.scoped(|scope| scope.settings.push((name.into(), value.into())))
    }

    /// Sets how long each lease of this session may wait for a connection. Default:
    /// [`Builder::acquire_timeout`](crate::Builder::acquire_timeout).
    #[must_use]
    pub fn acquire_timeout(self, limit: Duration) -> Self {
        self.scoped(|scope| scope.acquire_timeout = Some(limit))
    }

    /// Lowers how long each lease of this session may be open. The limit of the pool,
    /// [`Builder::max_lease`](crate::Builder::max_lease), holds in any case.
    #[must_use]
    pub fn max_lease(self, limit: Duration) -> Self {
        self.scoped(|scope| scope.max_lease = Some(limit))
    }

    /// Takes a connection for as long as the body runs, and returns what the body returns.
    ///
    /// The body is an async closure over [`&mut Conn`](Conn), written in place. In it, only database calls may be awaited.
    /// If `?` follows the lease, or it is returned, its error type is that of the handler. Otherwise it is [`Error`].
    ///
    /// ```
    /// use shortlease::{Error, Session, Sqlite, handler};
    ///
    /// #[handler]
    /// async fn add(db: &mut Session<Sqlite>, url: &str) -> Result<i64, Error> {
    ///     db.lease(async |conn| {
    ///         sqlx::query("INSERT INTO tools (url) VALUES ($1)").bind(url).execute(&mut *conn).await?;
    ///         sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// The signature here is a stand-in. In a function that is marked [`#[handler]`](crate::handler), the attribute puts a
    /// checked call in its place. Without the attribute no closure fits the bound `InHandler`, and the call does not
    /// compile.
    ///
    /// A lease of one statement has a short form: [`db.fetch_one(query)`](Session::fetch_one).
    ///
    /// # Errors
    ///
    /// The body's own, and [`Error::Busy`] after `acquire_timeout`, [`Error::Connect`],
    /// [`Error::LeaseExpired`] after `max_lease`, [`Error::LeaseRevoked`], [`Error::Closed`], and [`Error::Setting`] if the
    /// first connect after [`connect_lazy`](crate::Builder::connect_lazy) finds a setting that cannot work. Those of
    /// [`transaction`](Session::transaction) too where every lease is one: for a tenant or with a
    /// [`setting`](Session::setting), behind a pooler, on PostgreSQL over a pool of `sqlx`.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime. A panic in the body passes through; the connection is
    /// recovered before it is lent again.
    ///
    /// # Cancel safety
    ///
    /// It can be dropped at any point. The slot is then free at once, and the statement under way is cancelled. Outside of a
    /// transaction, that statement may or may not have taken effect.
    pub fn lease<F, T, B, E>(&mut self, body: F) -> Ready<Result<T, E>>
    where
        F: AsyncFnOnce(&mut Conn<DB>) -> Result<T, B> + InHandler,
        E: From<Error>,
    {
        let _ = body;
        ready(Err(Error::Closed.into()))
    }

    /// Takes a connection and opens a transaction on it for as long as the body runs. The transaction is committed if the body
    /// returns `Ok`, and rolled back if the body returns `Err`, panics or is dropped.
    ///
    /// Otherwise this is [`lease`](Session::lease), with [`&mut Tx`](Tx).
    ///
    /// # Errors
    ///
    /// As [`lease`](Session::lease), and [`Error::CommitUnknown`], [`Error::TransactionAborted`],
    /// [`Error::Database`] from BEGIN or COMMIT, [`Error::Setting`] for a tenant or a setting that cannot be, and on MySQL
    /// and MariaDB [`Error::TransactionEnded`].
    ///
    /// # Panics
    ///
    /// As [`lease`](Session::lease); the transaction is rolled back.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped before COMMIT is sent, nothing has happened. If it is dropped while COMMIT is under way, the outcome is
    /// not known.
    pub fn transaction<F, T, B, E>(&mut self, body: F) -> Ready<Result<T, E>>
    where
        F: AsyncFnOnce(&mut Tx<DB>) -> Result<T, B> + InHandler,
        E: From<Error>,
    {
        let _ = body;
        ready(Err(Error::Closed.into()))
    }

    /// Opens a transaction with options: isolation, read-only, and how often its body may run again after a
    /// conflict. Otherwise as [`transaction`](Session::transaction).
    ///
    /// With [retries](TxOptions::retries), a body can run more than once. That is safe for the outside,
    /// because a body awaits nothing but the database: it has called nobody else. A body that moves a
    /// value out of the handler cannot run twice, and does not compile; clone the value in the body. Nor can it change a
    /// variable of the handler ("captured variable cannot escape `FnMut` closure body"); return the value instead.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Session::transaction). If all attempts conflict, the error of the last one.
    ///
    /// # Panics
    ///
    /// As [`transaction`](Session::transaction).
    ///
    /// # Cancel safety
    ///
    /// As [`transaction`](Session::transaction). Between two attempts nothing is held.
    pub fn transaction_with<F, T, B, E>(
        &mut self,
        options: TxOptions,
        body: F,
    ) -> Ready<Result<T, E>>
    where
        F: AsyncFnMut(&mut Tx<DB>) -> Result<T, B> + InHandler,
        E: From<Error>,
    {
        let _ = (options, body);
        ready(Err(Error::Closed.into()))
    }

    /// Takes a connection for reads that belong together. All of them see the database as it was at the first read (on MySQL
    /// and MariaDB, at the beginning), whatever others commit meanwhile. It is a read-only transaction, so a statement that
    /// writes fails. On SQLite it takes no turn to write, so no writer waits for it.
    ///
    /// ```
    /// # use shortlease::{Session, Sqlite, handler};
    /// #[handler]
    /// async fn balance(db: &mut Session<Sqlite>) -> Result<(i64, i64), shortlease::Error> {
    ///     db.snapshot(async |conn| {
    ///         let paid = sqlx::query_scalar("SELECT sum(amount) FROM payments").fetch_one(&mut *conn).await?;
    ///         let owed = sqlx::query_scalar("SELECT sum(amount) FROM invoices").fetch_one(conn).await?;
    ///         Ok((paid, owed)) // Of one moment.
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// Otherwise as [`lease`](Session::lease).
    ///
    /// # Errors
    ///
    /// As [`transaction`](Session::transaction); there is no COMMIT whose outcome could be unknown.
    ///
    /// # Panics
    ///
    /// As [`lease`](Session::lease).
    ///
    /// # Cancel safety
    ///
    /// As [`lease`](Session::lease).
    pub fn snapshot<F, T, B, E>(&mut self, body: F) -> Ready<Result<T, E>>
    where
        F: AsyncFnOnce(&mut Conn<DB>) -> Result<T, B> + InHandler,
        E: From<Error>,
    {
        let _ = body;
        ready(Err(Error::Closed.into()))
    }

    /// Opens a lease: [`lease`](Session::lease) in a `#[handler]`.
    #[doc(hidden)]
    #[track_caller]
    pub fn lease_in_handler<E: LeaseError>(&mut self) -> PendingLease<'_, DB, Conn<DB>, E> {
        self.pending_lease(CallSite::caller(), None)
    }

    /// Opens a transaction: [`transaction`](Session::transaction) in a `#[handler]`.
    #[doc(hidden)]
    #[track_caller]
    pub fn transaction_in_handler<E: LeaseError>(&mut self) -> PendingLease<'_, DB, Tx<DB>, E> {
        self.pending_lease(CallSite::caller(), Some(TxOptions::new()))
    }

    /// Opens a transaction with options: [`transaction_with`](Session::transaction_with) in a `#[handler]`.
    #[doc(hidden)]
    #[track_caller]
    pub fn transaction_with_in_handler<E: LeaseError>(
        &mut self,
        options: TxOptions,
    ) -> PendingLease<'_, DB, Tx<DB>, E> {
        self.pending_lease(CallSite::caller(), Some(options))
    }

    /// Asks the database for a sign of life.
    pub(crate) async fn ping(mut self, site: CallSite) -> Result<(), Error> {
        let lease = self.pending_lease::<Conn<DB>, Error>(site, None);
        lease
            .run_with(|handoff| async move {
                let mut conn = handoff.lend::<Conn<DB>>();
                Statement::execute(sqlx::raw_sql("SELECT 1"), &mut *conn).await?;
                Ok(())
            })
            .await
    }

    /// Opens a snapshot: [`snapshot`](Session::snapshot) in a `#[handler]`.
    #[doc(hidden)]
    #[track_caller]
    pub fn snapshot_in_handler<E: LeaseError>(&mut self) -> PendingLease<'_, DB, Conn<DB>, E> {
        let options = TxOptions::new().isolation(Isolation::RepeatableRead).read_only();
        self.pending_lease(CallSite::caller(), Some(options))
    }

    /// Returns the flag that is set once it has had a lease.
    fn begun(&self) -> &AtomicBool {
        #[cfg(feature = "axum")]
        if let Some(session_use) = &self.session_use {
            return session_use.begun();
        }
        &self.begun
    }

    fn pending_lease<C: Leased<DB>, E: From<Error>>(
        &mut self,
        site: CallSite,
        transaction: Option<TxOptions>,
    ) -> PendingLease<'_, DB, C, E> {
        self.pending(site, transaction, false)
    }

    fn pending<C: Leased<DB>, E: From<Error>>(
        &mut self,
        site: CallSite,
        transaction: Option<TxOptions>,
        writes: bool,
    ) -> PendingLease<'_, DB, C, E> {
        let (pool, scope) = (&self.pool, &self.scope);
        let begun = Some(self.begun());
        let request = LeaseRequest { pool, scope, site, transaction, writes, begun };
        PendingLease::new(request, E::from)
    }
}

/// One statement, one lease.
macro_rules! one_statement {
    ($($(#[$doc:meta])* $verb:ident($writes:literal) -> $output:ty;)*) => {
        impl<DB: Backend> Session<DB> {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                ///
                /// As [`lease`](Session::lease), with the statement's own as [`Error::Database`].
                ///
                /// # Panics
                ///
                /// As [`lease`](Session::lease).
                ///
                /// # Cancel safety
                ///
                /// As [`lease`](Session::lease).
                #[track_caller]
                pub fn $verb<'s, T, S>(
                    &'s mut self,
                    statement: S,
                ) -> SessionCall<'s, $output>
                where
                    S: Statement<DB, T> + 's,
                    T: Send + 's,
                {
                    let pool = Arc::clone(&self.pool);
                    let site = CallSite::caller();
                    let lease = self.pending::<Conn<DB>, Error>(site, None, $writes);
                    let answered = lease.run_with(|handoff| async move {
                        let since = Instant::now();
                        let mut conn = handoff.lend::<Conn<DB>>();
                        let answer = statement.$verb(&mut conn).await;
                        answer.map_err(|error| match conn.lease.done_in_part() {
                            true => error.into(),
                            false => pool.busy_if_locked(error.into(), &conn.lease, since),
                        })
                    });
                    SessionCall::new(answered.boxed())
                }
            )*
        }
    };
}

one_statement! {
    /// Runs one statement to its end and returns the outcome, such as the number of rows that it changed. On SQLite it waits
    /// for the turn to write, as a transaction does.
    execute(true) -> DB::QueryResult;
    /// Returns the rows of one statement.
    fetch_all(false) -> Vec<T>;
    /// Returns the first row of one statement; [`sqlx::Error::RowNotFound`] if there is none. On SQLite a statement that
    /// writes, such as `INSERT .. RETURNING`, belongs in a transaction, because this does not wait for the turn to write.
    fetch_one(false) -> T;
    /// Returns the first row of one statement, if there is one.
    fetch_optional(false) -> Option<T>;
}

/// Implemented by nothing. Gives `session.fetch(..)` a readable error.
#[diagnostic::on_unimplemented(
    message = "rows are streamed inside a lease, which holds the connection while they are read",
    label = "this is a session, whose short forms return whole results",
    note = "open a lease: `session.lease(async |conn| {{ let mut rows = query.fetch(conn); .. }}).await`",
    note = "or take all rows at once: `session.fetch_all(query).await`"
)]
pub trait StreamsRows {}

#[doc(hidden)]
impl<DB: Backend> Session<DB> {
    pub fn fetch<S, T>(&mut self, _: S) -> Rows<'_, T>
    where
        Self: StreamsRows,
        S: Statement<DB, T>,
        T: Send,
    {
        unreachable!("no session streams rows")
    }
}

impl<DB: Backend> fmt::Debug for Session<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

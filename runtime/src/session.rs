use std::fmt;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::time::Instant;

use crate::conn::leased::Leased;
use crate::handler::{InHandler, LeaseError};
use crate::lease::call_site::CallSite;
use crate::lease::pending::PendingLease;
use crate::lease::request::{LeaseRequest, Scope};
use crate::pool::Pool;
#[cfg(feature = "axum")]
use crate::request::SessionUse;
use crate::{Backend, Conn, Error, Isolation, Statement, Tx, TxOptions};

/// One request's right to lease: at most one connection at a time.
///
/// Not `Clone`, and every lease borrows it mutably: a request that holds a connection cannot wait
/// for a second one, so a pool cannot deadlock on itself.
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

    /// The session of a tenant, whose schema of that name its statements then work in, and no other:
    /// each lease is a transaction that begins with `SET LOCAL search_path`, in the same message, so
    /// that nothing is left behind on the connection. Any name works that can be a schema's; it is
    /// quoted.
    ///
    /// Where connections are scarce, the tenant that holds the fewest is served first, and within a
    /// tenant who came first. PostgreSQL only.
    ///
    /// Schemas may have types and tables of one name that differ. A connection that another tenant has used
    /// prepares its statements anew, which costs a round trip each.
    #[must_use]
    pub fn tenant(self, name: impl Into<Arc<str>>) -> Self {
        self.scoped(|scope| scope.tenant = Some(name.into()))
    }

    /// Sets a setting of the server for each lease of this session: for policies of row-level security,
    /// which read it with `current_setting('app.user_id')`. Each lease is then a transaction that begins
    /// with `SET LOCAL`, in the same message, so that nothing is left behind on the connection.
    ///
    /// A name that is given twice has its last value. A bad name or a zero byte in a value ends the
    /// lease in [`Error::Setting`]. PostgreSQL only.
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

    /// Returns the transaction that every lease is, if they are.
    fn wrapping(&self) -> Option<TxOptions> {
        self.wraps_leases().then(TxOptions::new)
    }

    fn wraps_leases(&self) -> bool {
        self.scope.needs_transactions() || self.pool.mode().wraps_leases::<DB>()
    }

    /// Takes a connection for as long as the body runs. The signature here is a stand-in: in a function
    /// marked [`#[handler]`](crate::handler), the attribute puts a checked call in its place, a future
    /// that opens the lease, runs the body, and returns what the body returns. Without the attribute,
    /// no closure fits the bound `InHandler`, and the call does not compile.
    ///
    /// The body is an async closure over [`&mut Conn`](Conn), written in place. In it only database
    /// calls may be awaited. Its error type is that of the handler.
    ///
    /// A lease of one statement has a short form: [`db.fetch_one(query)`](Session::fetch_one).
    ///
    /// # Errors
    ///
    /// The body's own, and [`Error::Busy`] after `acquire_timeout`, [`Error::Connect`],
    /// [`Error::LeaseExpired`] after `max_lease`, [`Error::LeaseRevoked`], [`Error::Closed`]. Those of
    /// [`transaction`](Session::transaction) too where every lease is one: for a tenant, behind a
    /// pooler, over a pool of `sqlx`.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime. A panic in the body passes through; the connection is
    /// recovered first.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any point, the slot is free at once and the statement under way is given up: what
    /// it did outside a transaction may or may not have happened.
    pub fn lease<F, T, B, E>(&mut self, body: F) -> Ready<Result<T, E>>
    where
        F: AsyncFnOnce(&mut Conn<DB>) -> Result<T, B> + InHandler,
        E: From<Error>,
    {
        let _ = body;
        ready(Err(Error::Closed.into()))
    }

    /// Takes a connection and opens a transaction on it for as long as the body runs: committed
    /// where it returns `Ok`, rolled back where it returns `Err`, panics, or is dropped.
    ///
    /// Otherwise as [`lease`](Session::lease), with [`&mut Tx`](Tx).
    ///
    /// # Errors
    ///
    /// As [`lease`](Session::lease), and [`Error::CommitUnknown`], [`Error::TransactionAborted`],
    /// [`Error::Database`] from BEGIN or COMMIT, [`Error::Setting`] for a tenant that cannot be.
    ///
    /// # Panics
    ///
    /// As [`lease`](Session::lease); the transaction is rolled back.
    ///
    /// # Cancel safety
    ///
    /// Dropped before COMMIT is sent, nothing happened. Dropped while it is under way, the outcome
    /// is not known.
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
    /// value out of the handler cannot run twice, and does not compile; clone the value in the body.
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

    /// Takes a connection for reads that belong together: all of them see the database as it was at the
    /// first, whatever others commit meanwhile. It is a transaction that only reads: a statement that
    /// writes fails. On SQLite it does not wait for the turn to write, and keeps nobody from it.
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

    #[doc(hidden)]
    #[track_caller]
    pub fn lease_in_handler<E: LeaseError>(&mut self) -> PendingLease<'_, DB, Conn<DB>, E> {
        self.pending_lease(CallSite::caller(), self.wrapping())
    }

    #[doc(hidden)]
    #[track_caller]
    pub fn transaction_in_handler<E: LeaseError>(&mut self) -> PendingLease<'_, DB, Tx<DB>, E> {
        self.pending_lease(CallSite::caller(), Some(TxOptions::new()))
    }

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
        let transaction = self.wrapping();
        let lease = self.pending_lease::<Conn<DB>, Error>(site, transaction);
        lease
            .run_with(|handoff| async move {
                let mut conn = handoff.lend::<Conn<DB>>();
                Statement::execute(sqlx::raw_sql("SELECT 1"), &mut *conn).await?;
                Ok(())
            })
            .await
    }

    #[doc(hidden)]
    #[track_caller]
    pub fn snapshot_in_handler<E: LeaseError>(&mut self) -> PendingLease<'_, DB, Conn<DB>, E> {
        let options = TxOptions::new().isolation(Isolation::RepeatableRead).read_only();
        self.pending_lease(CallSite::caller(), Some(options))
    }

    /// Returns what says if it has had a lease.
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
                ) -> impl Future<Output = Result<$output, Error>> + Send + use<'s, DB, T, S>
                where
                    S: Statement<DB, T> + 's,
                    T: Send + 's,
                {
                    let pool = Arc::clone(&self.pool);
                    let (site, transaction) = (CallSite::caller(), self.wrapping());
                    let lease = self.pending::<Conn<DB>, Error>(site, transaction, $writes);
                    lease.run_with(|handoff| async move {
                        let since = Instant::now();
                        let answer = statement.$verb(&mut handoff.lend::<Conn<DB>>()).await;
                        answer.map_err(|error| pool.busy_if_locked(error.into(), since))
                    })
                }
            )*
        }
    };
}

one_statement! {
    /// Runs one statement to its end and returns the number of rows it touched. On SQLite it waits for the
    /// turn to write, as a transaction does.
    execute(true) -> DB::QueryResult;
    /// The rows of one statement.
    fetch_all(false) -> Vec<T>;
    /// The first row of one statement; [`sqlx::Error::RowNotFound`] where there is none.
    fetch_one(false) -> T;
    /// The first row of one statement, if any.
    fetch_optional(false) -> Option<T>;
}

impl<DB: Backend> fmt::Debug for Session<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("database", &DB::NAME).finish_non_exhaustive()
    }
}

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection, Database};

use crate::builder::{Builder, To};
use crate::holder::LeaseInfo;
#[cfg(feature = "test")]
use crate::lease::{Lease, Wanted};
use crate::lending::Lending;
use crate::pool::{CloseReport, Pool};
use crate::session::LeaseError;
#[cfg(feature = "test")]
use crate::site::CallSite;
use crate::status::Status;
use crate::{Backend, Conn, Error, Session, Tx};

/// The shared handle of a database: pool, limits and figures. Cloning it is cheap and shares them.
///
/// It never yields a raw connection. [`session`](Db::session) is the way to one.
pub struct Db<DB: Backend> {
    pub(crate) pool: Arc<Pool<DB>>,
}

/// What only a [`Session`] is.
#[diagnostic::on_unimplemented(
    message = "a lease is opened by a session, and this is the database that all requests share",
    label = "this is no session",
    note = "open one for the request: `let mut session = db.session();`, or take `&mut Session<_>`"
)]
pub trait OneRequest {}

/// What `lease` and `transaction` become where a session was forgotten.
impl<DB: Backend> Db<DB> {
    #[doc(hidden)]
    pub fn lease_in_handler<E: LeaseError>(&self) -> Lending<'_, DB, Conn<DB>, E>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }

    #[doc(hidden)]
    pub fn transaction_in_handler<E: LeaseError>(&self) -> Lending<'_, DB, Tx<DB>, E>
    where
        Self: OneRequest,
    {
        unreachable!("no database is a session")
    }
}

impl<DB: Backend> Db<DB> {
    /// Starts the settings of a handle. See [`Builder`].
    pub fn builder(url: impl Into<String>) -> Builder<DB> {
        Builder::new(To::Url(url.into()))
    }

    /// As [`builder`](Db::builder), by `sqlx`'s connect options, such as those of `#[sqlx::test]`. They are
    /// taken as they are: SQLite's own defaults differ from [`builder`](Db::builder)'s, which opens
    /// files in WAL mode.
    pub fn builder_with<O>(options: O) -> Builder<DB>
    where
        O: ConnectOptions,
        // In this direction the options tell which database it is.
        O::Connection: Connection<Database = DB, Options = O>,
        DB: Database<Connection = O::Connection>,
    {
        Builder::new(To::Options(Box::new(options)))
    }

    /// Starts the settings of a handle whose leases take their connections from a pool that others
    /// use too: code that is not converted yet, a session store, a queue. One limit holds for all of
    /// them together.
    ///
    /// Where the pool can be given up, [`builder`](Db::builder) is faster: this one asks `sqlx` for each
    /// lease's connection, which asks the connection for a sign of life before and after, the latter
    /// with its place in the pool still taken. On PostgreSQL each lease is a transaction, which is
    /// how its time limits and its name on the server are set without leaving anything behind for
    /// others; two round trips more for [`lease`](Session::lease), none for
    /// [`transaction`](Session::transaction).
    ///
    /// - A lease waits for the pool for up to [`acquire_timeout`](Builder::acquire_timeout), whatever
    ///   the pool's own, and [`Busy`](crate::Busy) then says [`WaitPhase::SharedPool`](crate::WaitPhase::SharedPool).
    /// - Others get a connection back only clean. One that a lease left in the middle of something is
    ///   recovered first, and keeps its place in the pool meanwhile. One that was lent to
    ///   [`unchecked`](crate::Conn::unchecked) code is closed.
    /// - [`max_connections`](Builder::max_connections) is the pool's, unless lowered here.
    ///   `connect_timeout`, `validate_after`, `idle_timeout`, `keepalive`, `min_idle`, `max_lifetime`
    ///   and `instances` have no effect: these are the pool's matters.
    /// - A lease that nobody polls any more is revoked, its session ended; but `sqlx` counts its
    ///   connection until the future that has it is dropped.
    /// - [`close`](Db::close) ends the leases, and leaves the pool open.
    /// - [`dedicated`](Db::dedicated) and [`migrate`](Db::migrate) connect by themselves, beside the
    ///   pool, with its options.
    pub fn builder_from_pool(pool: sqlx::Pool<DB>) -> Builder<DB> {
        let max_connections = pool.options().get_max_connections() as usize;
        Builder::new(To::Pool(pool)).max_connections(max_connections)
    }

    /// A handle with all settings at their defaults, after a connection was made to check them.
    ///
    /// # Errors
    ///
    /// As [`Builder::connect`].
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn connect(url: impl Into<String>) -> Result<Self, Error> {
        Self::builder(url).connect().await
    }

    /// One request's right to lease.
    #[must_use]
    pub fn session(&self) -> Session<DB> {
        Session::new(Arc::clone(&self.pool))
    }

    /// Runs the pending migrations, on a connection of its own: they may take longer than a lease. It
    /// counts as one of those that leases need to replace what is being recovered, so run migrations
    /// before you serve.
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], also where no more connections are to be opened within
    /// [`connect_timeout`](Builder::connect_timeout), [`Error::Migrate`] and [`Error::Closed`]; [`Error::Setting`] behind a
    /// pooler in transaction mode, where there is no connection of its own to be had.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// As safe as the migrations: dropped in the middle, the one under way is rolled back where its
    /// database can roll it back.
    pub async fn migrate(&self, migrator: &Migrator) -> Result<(), Error> {
        if self.pool.is_closed() {
            return Err(Error::Closed);
        }
        self.pool.mode.check_own_session()?;
        #[cfg(feature = "test")]
        if self.pool.mode.migrates_in_lease() {
            let (pool, site) = (&self.pool, CallSite::caller());
            let wanted = Wanted { pool, tenant: &None, site, transaction: true };
            return Lease::open(wanted).await?.migrate(migrator).await;
        }
        let connected = async { Ok((self.pool.session().await?, self.unlimited().await?)) };
        let (_permit, mut raw) = self.pool.in_connect_timeout(connected).await?;
        DB::migrate(&mut raw, migrator).await?;
        raw.close().await?;
        Ok(())
    }

    /// A connection outside of the pool.
    pub(crate) async fn unlimited(&self) -> Result<DB::Connection, Error> {
        let (raw, _) = DB::connect_unlimited(&self.pool.connector).await?;
        Ok(raw)
    }

    /// The state of the pool now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.pool.status()
    }

    /// Returns `true` once [`close`](Db::close) was called on any clone of the handle.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// Refuses new leases at once with [`Error::Closed`], waits until the open
    /// ones have ended, or for `deadline`, revokes the rest, and closes every connection.
    ///
    /// It may be called more than once, and at the same time: each call returns when every lease has
    /// ended and its connection is closed, and reports what it revoked itself. Where the server does not
    /// answer, it gives up on the goodbyes 5 s after the deadline.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the deadline, nothing is revoked; new leases are refused all the same.
    pub async fn close(&self, deadline: Duration) -> CloseReport {
        self.pool.close(deadline).await
    }

    /// Who holds a connection now, longest first.
    #[must_use]
    pub fn leases(&self) -> Vec<LeaseInfo> {
        self.pool.holders()
    }
}

impl<DB: Backend> Clone for Db<DB> {
    fn clone(&self) -> Self {
        Db { pool: Arc::clone(&self.pool) }
    }
}

impl<DB: Backend> fmt::Debug for Db<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("database", &DB::NAME)
            .field("settings", &self.pool.settings)
            .finish_non_exhaustive()
    }
}

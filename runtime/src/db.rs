use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use sqlx::migrate::Migrator;
use tokio::time::timeout;

#[cfg(feature = "test")]
use crate::TxOptions;
use crate::call_site::CallSite;
use crate::dedicated::Dedicated;
#[cfg(feature = "postgres")]
use crate::dedicated::listener::Listener;
use crate::dedicated::permit::Reasons;
#[cfg(feature = "test")]
use crate::lease::Lease;
#[cfg(feature = "test")]
use crate::lease::request::{LeaseRequest, Scope};
use crate::lease_info::LeaseInfo;
#[cfg(feature = "test")]
use crate::lease_state::poll_watch::WatchedPolls;
use crate::pool::Pool;
use crate::status::Status;
use crate::{Backend, Error, Session};

/// The shared handle of a database: pool, limits and figures. Cloning it is cheap and shares them.
///
/// It never yields a raw connection. [`session`](Db::session) is the way to one.
pub struct Db<DB: Backend> {
    pub(crate) pool: Arc<Pool<DB>>,
    pub(crate) dedicated: Reasons,
}

impl<DB: Backend> Db<DB> {
    /// Returns a session, which is the right of one request to lease. It costs nothing and holds no connection.
    #[must_use]
    pub fn session(&self) -> Session<DB> {
        Session::new(Arc::clone(&self.pool))
    }

    /// Runs the pending migrations, on a connection of its own, because they may take longer than a lease. It takes one of the
    /// extra sessions that recoveries use. So run migrations before you serve.
    ///
    /// ```ignore
    /// db.migrate(&sqlx::migrate!()).await?; // the folder `migrations/`
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Connect`], also where no more connections are to be opened within
    /// [`migration_lock_timeout`](crate::Builder::migration_lock_timeout). [`Error::Migrate`], [`Error::MigrationLocked`],
    /// [`Error::SessionLost`] and [`Error::Closed`]. [`Error::Database`] if the lock cannot be asked for or given back.
    /// [`Error::Setting`] behind a pooler in transaction mode, where there is no connection of its own to be had, and for a
    /// MySQL URL without a database. In a test transaction, those of [`Session::lease`] too.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, the migration under way is cancelled, and rolled back if the database can do that.
    #[track_caller]
    #[cfg_attr(
        not(feature = "test"),
        expect(clippy::manual_async_fn, reason = "with `test`, it knows its call site")
    )]
    pub fn migrate(&self, migrator: &Migrator) -> impl Future<Output = Result<(), Error>> {
        #[cfg(feature = "test")]
        let site = CallSite::caller();
        async move {
            let pool = &self.pool;
            if pool.is_closed() {
                return Err(Error::Closed);
            }
            pool.mode().check_own_session()?;
            #[cfg(feature = "test")]
            if pool.mode().migrates_in_lease() {
                let (scope, transaction) = (&Scope::default(), Some(TxOptions::new()));
                let request =
                    LeaseRequest { pool, scope, site, transaction, writes: true, begun: None };
                let polls = Arc::clone(WatchedPolls::new().watch());
                return Lease::check_out(request, tokio::time::Instant::now(), polls)
                    .await?
                    .migrate(migrator)
                    .await;
            }
            let permit = pool.session_permit(pool.settings().migration_lock_timeout).await?;
            let connected = pool.in_connect_timeout(pool.connect_watched(permit)).await;
            let (mut raw, mut watch) = connected?;
            watch.end_on_drop(true);
            watch.guard(pool.run_migrations(&mut raw, migrator)).await??;
            watch.end_on_drop(false);
            // The migrations are done, whatever becomes of their session.
            let _ = timeout(pool.settings().connect_timeout, raw.close()).await;
            Ok(())
        }
    }

    /// Makes a connection outside of the lease pool, but inside the budget of connections: at most
    /// [`max_dedicated`](crate::Builder::max_dedicated) at a time. `reason` says what for. It is for what belongs to a session,
    /// such as a lock that is held for long:
    ///
    /// ```
    /// # #[cfg(feature = "postgres")]
    /// # async fn f(db: shortlease::Db<shortlease::Postgres>) -> Result<(), shortlease::Error> {
    /// let mut leader = db.dedicated("leader lock").await?;
    /// let locked = sqlx::query("SELECT pg_advisory_lock(7)");
    /// leader.run(async |conn| locked.execute(conn).await).await??;
    /// // The lock is held until `leader` is dropped or closed.
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// If all places are taken, and one of them by a session that was dropped, it waits for the end of that, for up to
    /// [`connect_timeout`](crate::Builder::connect_timeout).
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if all of them are open or cannot work, and if `reason` is empty, [`Error::Connect`],
    /// [`Error::Closed`].
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn dedicated(&self, reason: &'static str) -> Result<Dedicated<DB>, Error> {
        Dedicated::open(&self.pool, &self.dedicated, reason).await
    }

    /// Asks the database for an answer, for readiness checks, which must not wait for long.
    ///
    /// It waits up to `limit` for a connection, and again for the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if no connection was free in time, [`Error::LeaseExpired`] if no answer came, and the others of
    /// [`Session::lease`].
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: the connection is reset or closed before it is lent again.
    #[track_caller]
    pub fn ping(
        &self,
        limit: Duration,
    ) -> impl Future<Output = Result<(), Error>> + Send + use<DB> {
        let site = CallSite::caller();
        let session = self.session().acquire_timeout(limit).max_lease(limit);
        async move { session.ping(site).await }
    }

    /// Returns the state of the pool. It waits for nothing.
    #[must_use]
    pub fn status(&self) -> Status {
        self.pool.status()
    }

    /// Returns `true` once [`close`](Db::close) was called on any clone of the handle.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    /// Closes the handle. New leases are refused at once with [`Error::Closed`]. Open leases may end within `limit`; the rest
    /// is revoked. Then every connection is closed.
    ///
    /// It may be called more than once, also at the same time. Each call returns when every lease has ended and its
    /// connection is closed, and reports what it revoked itself. If the server does not answer, it returns 5 s after
    /// `limit`.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped within `limit`, nothing is revoked. New leases are refused all the same.
    pub async fn close(&self, limit: Duration) -> CloseReport {
        let revoked = self.pool.close(limit).await;
        CloseReport { revoked, dedicated: self.dedicated.list() }
    }

    /// Returns the leases that are open now, the oldest first.
    #[must_use]
    pub fn leases(&self) -> Vec<LeaseInfo> {
        self.pool.leases()
    }
}

#[cfg(feature = "postgres")]
impl Db<sqlx::Postgres> {
    /// Receives the notifications of channels, on a connection of its own: it is one of
    /// [`max_dedicated`](crate::Builder::max_dedicated). `reason` says what for. The channels stay as they are; for others,
    /// call it again.
    ///
    /// ```
    /// # async fn f(db: shortlease::Db<shortlease::Postgres>) -> Result<(), shortlease::Error> {
    /// use shortlease::Heard;
    ///
    /// let mut jobs = db.listen("new jobs", &["jobs"]).await?;
    /// loop {
    ///     match jobs.recv().await? {
    ///         Heard::Notification(job) => println!("job {}", job.payload()),
    ///         _ => println!("some may be missed: look at the table"),
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`dedicated`](Db::dedicated); [`Error::Setting`] for no channel, an empty name, one of more than 63 bytes, and one with
    /// a zero byte.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn listen(
        &self,
        reason: &'static str,
        channels: &[impl AsRef<str>],
    ) -> Result<Listener, Error> {
        let channels = channels.iter().map(|channel| channel.as_ref().to_owned()).collect();
        Listener::open(&self.pool, &self.dedicated, reason, channels).await
    }
}

/// The result of [`Db::close`](crate::Db::close): what did not end by itself.
#[derive(Clone, Debug, Default)]
#[must_use = "leases may have been revoked"]
#[non_exhaustive]
pub struct CloseReport {
    /// The leases that were still open at the deadline, longest first. What they had not committed
    /// was rolled back.
    pub revoked: Vec<LeaseInfo>,
    /// The reasons of the [`dedicated`](crate::Db::dedicated) connections that are still open. They are
    /// outside of the pool, and end where they are dropped.
    pub dedicated: Vec<&'static str>,
}

impl<DB: Backend> Clone for Db<DB> {
    fn clone(&self) -> Self {
        Db { pool: Arc::clone(&self.pool), dedicated: self.dedicated.clone() }
    }
}

impl<DB: Backend> fmt::Debug for Db<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db")
            .field("database", &DB::NAME)
            .field("settings", self.pool.settings())
            .finish_non_exhaustive()
    }
}

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection, Database};

use crate::backend::driver::ConnectOptionsOf;
use crate::conn::mode::Mode;
use crate::credentials::{Credentials, CredentialsSource};
use crate::dedicated::permit::Reasons;
use crate::pool::Pool;
use crate::settings::{Pooler, Settings};
use crate::{Backend, Db, Error};

/// The settings of a [`Db`].
#[must_use = "settings do nothing until `connect` or `connect_lazy`"]
pub struct Builder<DB: Backend> {
    to: To<DB>,
    settings: Settings,
}

/// The way to the database.
pub(crate) enum To<DB: Backend> {
    Url(String),
    Options(Box<ConnectOptionsOf<DB>>),
    Pool(sqlx::Pool<DB>),
}

impl<DB: Backend> Db<DB> {
    /// Starts the settings of a handle. See [`Builder`].
    pub fn builder(url: impl Into<String>) -> Builder<DB> {
        Builder::new(To::Url(url.into()))
    }

    /// Starts the settings of a handle from `sqlx`'s connect options, such as those of `#[sqlx::test]`. They
    /// are taken as they are: SQLite's own defaults differ from [`builder`](Db::builder)'s, which opens
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
    /// others; two round trips more for [`lease`](crate::Session::lease), none for
    /// [`transaction`](crate::Session::transaction).
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
}

impl<DB: Backend> Builder<DB> {
    pub(crate) fn new(to: To<DB>) -> Self {
        Builder { to, settings: Settings::default() }
    }

    /// The most leases open at a time, each with a connection. Default 8. A quarter more sessions may
    /// be open while connections are recovered or migrations run, besides those that are dedicated.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.settings.max_connections = connections;
        self
    }

    /// The name of this pool in metrics and events. Default: the name of the database system.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// How many processes like this one share the database, so that [`connect`](Builder::connect) can
    /// refuse what does not fit the server, the database's or the role's connection limit. Default:
    /// this one, and a warning instead of a refusal.
    pub fn instances(mut self, instances: u32) -> Self {
        self.settings.instances = Some(instances);
        self
    }

    /// The pooler between the pool and the server. Default: none. See [`Pooler`].
    pub fn pooler(mut self, pooler: Pooler) -> Self {
        self.settings.pooler = Some(pooler);
        self
    }

    /// Asks for the password before each connect, for passwords that rotate: those of leases, of
    /// [`dedicated`](Db::dedicated) connections, of migrations, and of the one that cancels statements.
    /// If the server refuses it, it is asked once more. `connect_timeout` limits it. Not for SQLite.
    ///
    /// ```
    /// # async fn token() -> std::io::Result<String> { Ok(String::new()) }
    /// # fn f(builder: shortlease::Builder<shortlease::Sqlite>) {
    /// use shortlease::Credentials;
    ///
    /// builder.credentials(|| async { Ok(Credentials::password(token().await?)) });
    /// # }
    /// ```
    pub fn credentials<F>(mut self, ask: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Credentials, Box<dyn std::error::Error + Send + Sync>>>
            + Send
            + 'static,
    {
        self.settings.credentials = Some(CredentialsSource::new(ask));
        self
    }

    /// The most connections made by [`Db::dedicated`] at a time, besides `max_connections`. Default
    /// 1: one listener serves a process.
    pub fn max_dedicated(mut self, connections: usize) -> Self {
        self.settings.max_dedicated = connections;
        self
    }

    /// How long [`Db::migrate`] waits for another process that migrates the same database. Default 60 s.
    /// It then ends in [`Error::MigrationLocked`], which names who has the lock.
    pub fn migration_lock_timeout(mut self, limit: Duration) -> Self {
        self.settings.migration_lock_timeout = limit;
        self
    }

    /// How long opening a lease may wait, for a free slot, a validation and a connect together,
    /// before it ends in [`Error::Busy`]. Default 8 s: below the 10 s after which common tool
    /// clients give up, so that they see the reason.
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.settings.acquire_timeout = limit;
        self
    }

    /// How long a session may wait for its first lease when there is more to do than the pool can. Default: none, so
    /// it waits for up to `acquire_timeout`, as otherwise.
    ///
    /// There is too much to do if for a second somebody has waited at any time. From then until nobody waits, a session
    /// that has waited longer than this to begin ends in [`Error::Busy`]. Without this, all wait equally long, and who
    /// is served has a client that has given up. With it, sessions that have had a lease go before those that have not,
    /// so that what was begun is finished. Take a session for each request, therefore, and not one for a worker's life.
    pub fn queue_target(mut self, wait: impl Into<Option<Duration>>) -> Self {
        self.settings.queue_target = wait.into();
        self
    }

    /// How long making one connection may take. Default 10 s. It goes on when its waiter gives up.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// How long a lease may be open before it is cut with [`Error::LeaseExpired`]. Default 10 s.
    pub fn max_lease(mut self, limit: Duration) -> Self {
        self.settings.max_lease = limit;
        self
    }

    /// How long nobody may poll a lease that the database has answered, while others wait for a
    /// connection: it is then revoked with [`Revocation::Stalled`](crate::Revocation::Stalled). A healthy
    /// lease is polled within microseconds. A runtime that is late for everybody revokes nothing. `None`
    /// turns it off. Default 1 s.
    pub fn stall_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.stall_timeout = limit.into();
        self
    }

    /// How long the server lets one statement run. Default: 1 s more than `max_lease`, as it is the
    /// server's own belt, for clients that are gone. Met, the lease ends in [`Error::LeaseExpired`]. A
    /// shorter limit of the URL, the role, the database or the server stays.
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.settings.statement_timeout = Some(limit);
        self
    }

    /// How long the server lets a transaction stand idle before it ends the session. Default: 1 s more
    /// than `max_lease`. Met, the lease ends in [`Error::LeaseExpired`].
    pub fn idle_in_transaction_timeout(mut self, limit: Duration) -> Self {
        self.settings.idle_in_transaction_timeout = Some(limit);
        self
    }

    /// The name of the connections in the server's views and log. Default: the name in the URL, or else
    /// `shortlease`.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.settings.application_name = Some(name.into());
        self
    }

    /// A connection idle for longer than this is asked for a sign of life before it is lent.
    /// Default 500 ms, HikariCP's `aliveBypassWindow`.
    pub fn validate_after(mut self, idle: Duration) -> Self {
        self.settings.validate_after = idle;
        self
    }

    /// A connection idle for longer than this is closed, down to none. Default 60 s.
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.settings.idle_timeout = idle;
        self
    }

    /// Connections to keep open while nobody needs them. Default 0: none before the first lease, and
    /// none after the idle timeout.
    pub fn min_idle(mut self, connections: usize) -> Self {
        self.settings.min_idle = connections;
        self
    }

    /// An idle connection that has been silent for longer than this is asked for a sign of life, so
    /// that firewalls do not forget it. `None` turns it off. Default 30 s.
    pub fn keepalive(mut self, silence: impl Into<Option<Duration>>) -> Self {
        self.settings.keepalive = silence.into();
        self
    }

    /// A connection older than this is closed once no lease holds it. Each lives up to a quarter less
    /// than this, so that they do not all end at once. Default 30 min, HikariCP's `maxLifetime`.
    pub fn max_lifetime(mut self, age: Duration) -> Self {
        self.settings.max_lifetime = age;
        self
    }

    /// For tests: all leases share one connection, on which one transaction is open that is never
    /// committed. When the last clone of the handle and the last session are dropped, after a panic
    /// too, or it is [closed](Db::close), nothing of it is left.
    ///
    /// What the code under test commits, its later leases see, and nobody else. A statement that
    /// fails outside of a transaction undoes itself alone, as it would otherwise, and a transaction that
    /// is rolled back takes nothing else with it. Leases of concurrent tasks wait for each other.
    /// [`migrate`](Db::migrate) runs in the transaction too.
    ///
    /// What differs: on PostgreSQL `now()` stands still, NOTIFY is not delivered, and what cannot run in
    /// a transaction fails. Advisory locks and temporary tables of a transaction stay after it. Custom settings, such as
    /// `app.tenant`, that are made at connect are gone after the first lease; those of a transaction end with it. On SQLite deferred foreign keys are not checked, and others that write
    /// wait, for the whole test. Tenants and [`dedicated`](Db::dedicated) are
    /// refused; give such a test a database of its own with `#[sqlx::test]`. A `COMMIT` by hand, which
    /// SL005 refuses, is one.
    ///
    /// A lease that is revoked, or cannot be recovered, takes the connection with it; what follows
    /// then fails with [`Error::Setting`]. `max_connections` and what concerns idle connections have no
    /// effect, and neither has `statement_timeout` over a [pool](Db::builder_from_pool).
    #[cfg(feature = "test")]
    pub fn test_transaction(mut self) -> Self {
        self.settings.test_transaction = true;
        self
    }

    /// Makes one connection to check the settings, closes it, and returns the handle.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a value that cannot work, or where all [`instances`](Builder::instances)
    /// together do not fit the server; [`Error::Connect`] where the database cannot be reached.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn connect(self) -> Result<Db<DB>, Error> {
        let db = self.connect_lazy()?;
        db.pool.check_server().await?;
        Ok(db)
    }

    /// The handle, without a connection: the first lease makes one.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a value that cannot work.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn connect_lazy(self) -> Result<Db<DB>, Error> {
        let Builder { to, mut settings } = self;
        settings.check()?;
        settings.clamp();
        let mode = Mode::of(&settings, matches!(to, To::Pool(_)))?;
        mode.adapt(&mut settings);
        let sessions = mode.sessions();
        let (connector, shared_pool) = match to {
            To::Url(url) => (DB::connector(&url, &settings, sessions)?, None),
            To::Options(options) => (DB::connector_with(*options, &settings, sessions)?, None),
            To::Pool(pool) => {
                settings.check_shared_pool(pool.options().get_max_connections() as usize)?;
                let options = ConnectOptionsOf::<DB>::clone(&pool.connect_options());
                (DB::connector_with(options, &settings, sessions)?, Some(pool))
            }
        };
        let pool = Arc::new(Pool::new(connector, shared_pool, settings, mode));
        pool.ensure_maintained();
        Ok(Db { pool, dedicated: Reasons::default() })
    }
}

impl<DB: Backend> fmt::Debug for Builder<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

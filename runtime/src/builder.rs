use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::{ConnectOptions, Connection, Database};

use crate::after_connect::AfterConnect;
use crate::backend::driver::ConnectOptionsOf;
use crate::credentials::{Credentials, CredentialsSource};
use crate::dedicated::permit::Reasons;
use crate::mode::Mode;
use crate::pool::Pool;
use crate::settings::{NEVER, Pooler, Settings};
use crate::{Backend, Db, Error};

/// The settings of a [`Db`]. All have a default. [`Db::builder`] starts them, and [`connect`](Builder::connect) makes the
/// handle.
///
/// ```no_run
/// use std::time::Duration;
///
/// use shortlease::{Db, Sqlite};
///
/// # async fn db() -> Result<Db<Sqlite>, shortlease::Error> {
/// let db = Db::<Sqlite>::builder("sqlite://tools.db?mode=rwc")
///     .max_connections(4) // one lease each
///     .acquire_timeout(Duration::from_secs(2)) // then `Error::Busy`
///     .max_lease(Duration::from_secs(5)) // then `Error::LeaseExpired`
///     .connect()
///     .await?;
/// # Ok(db)
/// # }
/// ```
///
/// In production, choose [`max_connections`](Builder::max_connections) by your load, and say how many processes share the
/// server with [`instances`](Builder::instances). The
/// [operating guide](https://github.com/shortlease/shortlease/blob/main/docs/operating.md#settings) has the settings in one
/// table, with the reason for each default.
#[must_use = "settings do nothing until `connect` or `connect_lazy`"]
pub struct Builder<DB: Backend> {
    to: To<DB>,
    settings: Settings,
    after_connect: AfterConnect<DB>,
}

/// The way to the database.
pub(crate) enum To<DB: Backend> {
    Url(String),
    Options(Box<ConnectOptionsOf<DB>>),
    Pool(sqlx::Pool<DB>),
}

impl<DB: Backend> Db<DB> {
    /// Starts the settings of a handle. See [`Builder`].
    ///
    /// | database | URL |
    /// | --- | --- |
    /// | `Sqlite` | `sqlite://tools.db` for a file that exists, `sqlite://tools.db?mode=rwc` for one that may have to be made, `sqlite::memory:` |
    /// | `Postgres` | `postgres://user:password@host:5432/database?sslmode=verify-full` |
    /// | `MySql` | `mysql://user:password@host:3306/database`, or `mariadb://..` |
    ///
    /// A PostgreSQL URL may name several hosts, and the kind of session that is wanted:
    /// `postgres://app@a:5432,b:5432/app?target_session_attrs=read-write`. Each connect tries the hosts in their order.
    /// With `read-write`, `read-only`, `primary`, `standby` or `prefer-standby`, it asks each server, and passes over
    /// one that is not wanted. One that does not answer is passed over after its share of
    /// [`connect_timeout`](Builder::connect_timeout): 5 s for two hosts by default. A password that is refused ends
    /// the connect.
    pub fn builder(url: impl Into<String>) -> Builder<DB> {
        Builder::new(To::Url(url.into()))
    }

    /// Starts the settings of a handle from `sqlx`'s connect options, such as those of `#[sqlx::test]`. What they set is
    /// kept, and the settings of the builder are added. For SQLite this differs from [`builder`](Db::builder), which opens
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

    /// Starts the settings of a handle whose leases take their connections from a pool of `sqlx`. Code that is not
    /// converted yet, a session store or a queue can go on using that pool. One limit holds for all of them together.
    ///
    /// If nobody else needs the pool, [`builder`](Db::builder) is faster. `sqlx` pings a connection before each lease and
    /// after it, and after it the connection still takes its place in the pool. On PostgreSQL each lease is a transaction,
    /// so that its time limits leave nothing behind for others. That costs two round trips more for
    /// [`lease`](crate::Session::lease), and none for [`transaction`](crate::Session::transaction).
    ///
    /// - A lease waits for the pool for up to [`acquire_timeout`](Builder::acquire_timeout), and not for the pool's own.
    ///   [`Busy`](crate::Busy) then says [`WaitPhase::SharedPool`](crate::WaitPhase::SharedPool).
    /// - Others get only clean connections back. If a lease is dropped in the middle of a statement, its connection is
    ///   recovered first, and keeps its place in the pool until then. A connection that was lent to
    ///   [`unchecked`](crate::Conn::unchecked) code is closed.
    /// - [`max_connections`](Builder::max_connections) is the pool's, unless you lower it here.
    ///   `connect_timeout`, `validate_after`, `idle_timeout`, `keepalive`, `min_idle`, `max_lifetime`, `application_name`
    ///   and `credentials` have no effect on leases, because the pool has its own. `instances` has none at all.
    /// - A lease that nobody polls any more is revoked, and its session is ended. But `sqlx` counts its connection until its
    ///   future is dropped.
    /// - [`close`](Db::close) ends the leases and leaves the pool open.
    /// - [`connect`](Builder::connect), [`dedicated`](Db::dedicated), [`migrate`](Db::migrate) and listeners make connections
    ///   beside the pool, with its options. All but that of `connect` are prepared by the pool's own `after_connect`, so a
    ///   `search_path` that is set there holds for migrations too.
    pub fn builder_from_pool(pool: sqlx::Pool<DB>) -> Builder<DB> {
        let max_connections = pool.options().get_max_connections();
        Builder::new(To::Pool(pool)).max_connections(max_connections)
    }

    /// Returns a handle with all settings at their defaults. It makes one connection to check them.
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
        Builder { to, settings: Settings::default(), after_connect: AfterConnect::default() }
    }

    /// Sets how many leases can be open at a time, each with a connection. Default 8. While connections are recovered or
    /// migrations run, a quarter more sessions may be open. Dedicated connections count apart.
    pub fn max_connections(mut self, connections: u32) -> Self {
        self.settings.max_connections = connections;
        self
    }

    /// Sets the name of this pool in metrics and events. Default: the name of the database system.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Sets how many processes like this one share the database. [`connect`](Builder::connect) then refuses a number of
    /// connections that exceeds the limit of the server, the database or the role. Default: one process, and a warning
    /// instead of a refusal.
    pub fn instances(mut self, instances: u32) -> Self {
        self.settings.instances = Some(instances);
        self
    }

    /// Names the pooler between the pool and the server. Default: none. See [`Pooler`].
    pub fn pooler(mut self, pooler: Pooler) -> Self {
        self.settings.pooler = Some(pooler);
        self
    }

    /// Asks for the password before each connect, for passwords that rotate. This covers leases,
    /// [`dedicated`](Db::dedicated) connections, listeners, migrations, and the connection that cancels statements. If the
    /// server refuses a password, `ask` is called once more, but not for a listener. `connect_timeout` limits it. Not for
    /// SQLite.
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

    /// Sets how many connections [`Db::dedicated`] can make at a time, besides `max_connections`. Default 1, because one
    /// listener serves a process.
    pub fn max_dedicated(mut self, connections: u32) -> Self {
        self.settings.max_dedicated = connections;
        self
    }

    /// Sets how long [`Db::migrate`] waits for another process that migrates the same database. Default 60 s. After that
    /// it fails with [`Error::MigrationLocked`], which names who has the lock. MySQL counts in whole seconds, so it is rounded
    /// up there.
    pub fn migration_lock_timeout(mut self, limit: Duration) -> Self {
        self.settings.migration_lock_timeout = limit;
        self
    }

    /// Sets how long a lease may wait for its connection, before it fails with [`Error::Busy`]. The wait for a free slot, a
    /// validation and a connect count together. Default 8 s, because common tool clients give up after 10 s, and should
    /// see the reason. While the pool is overloaded, [`queue_target`](Builder::queue_target) may end the wait sooner.
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.settings.acquire_timeout = limit;
        self
    }

    /// Sets how long a session may wait for its first lease while the pool is overloaded. Default: none, so it waits for up
    /// to `acquire_timeout`.
    ///
    /// The pool is overloaded once somebody has waited at every moment of the last second, and until nobody waits. During
    /// that time, a session that has had no lease yet and waits for longer than this fails with [`Error::Busy`]. A session
    /// that has had a lease goes first, so that requests that have begun are finished. Without this limit all requests wait
    /// equally long, and are served when their clients have given up. Use one session for each request, and not one for the
    /// life of a worker.
    pub fn queue_target(mut self, wait: impl Into<Option<Duration>>) -> Self {
        self.settings.queue_target = wait.into();
        self
    }

    /// Sets how long one connect may take. Default 10 s. A connect goes on if the lease that waited for it gives up.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// Sets how long a lease may be open. After that it ends with [`Error::LeaseExpired`]. Default 10 s.
    pub fn max_lease(mut self, limit: Duration) -> Self {
        self.settings.max_lease = limit;
        self
    }

    /// Sets how long a lease may stay unpolled after the database has answered it, while others wait for a connection. After
    /// that it is revoked with [`Revocation::Stalled`](crate::Revocation::Stalled). A healthy lease is polled within
    /// microseconds. If the whole runtime is late, nothing is revoked. `None` turns it off. Default 1 s.
    pub fn stall_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.settings.stall_timeout = limit.into();
        self
    }

    /// Sets how long the server lets one statement run. The lease then ends with [`Error::LeaseExpired`]. Default: 1 s more
    /// than `max_lease`, because this limit is for clients that are gone. A shorter limit of the URL, the role, the database or
    /// the server stays. Not for SQLite.
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        self.settings.statement_timeout = Some(limit);
        self
    }

    /// Sets how long the server lets a transaction stand idle before it ends the session. The lease then ends with
    /// [`Error::LeaseExpired`]; on MariaDB with [`Error::Database`], because that server gives no reason. Default: 1 s more
    /// than `max_lease`. PostgreSQL and MariaDB only.
    pub fn idle_in_transaction_timeout(mut self, limit: Duration) -> Self {
        self.settings.idle_in_transaction_timeout = Some(limit);
        self
    }

    /// Sets the name of the connections in the server's views and log. Default: the name in the URL, or else `shortlease`.
    /// PostgreSQL only.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.settings.application_name = Some(name.into());
        self
    }

    /// Sets a setting of the server on every connection, such as `lock_timeout` on PostgreSQL, or a pragma, such as
    /// `cache_size`, on SQLite. May be called several times. The last value of a name counts.
    ///
    /// On PostgreSQL it is sent with the connect, so it costs no round trip, and a reset keeps it. Behind a
    /// [`pooler`](Builder::pooler) and over a [pool of `sqlx`](Db::builder_from_pool), it is set in the message that begins
    /// each transaction. On SQLite it is refused over such a pool, because others use its connections too. Not for MySQL, whose
    /// settings are set in [`after_connect`](Builder::after_connect).
    ///
    /// [`connect`](Builder::connect) refuses a name that cannot be one, and a pragma that SQLite does not know, which it would
    /// ignore.
    ///
    /// ```
    /// # use shortlease::{Builder, Postgres};
    /// fn settings(builder: Builder<Postgres>) -> Builder<Postgres> {
    ///     builder.setting("lock_timeout", "2s").setting("timezone", "UTC")
    /// }
    /// ```
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.setting.push(name.into(), value.into());
        self
    }

    /// Runs statements on every new connection, before its first lease. `connect_timeout` limits it. If it fails, or
    /// leaves a transaction open, the connect fails.
    ///
    /// It runs again on a connection that was reset, so its statements must work a second time. On PostgreSQL the reset takes
    /// back what they have set; on SQLite and MySQL it may still be there. It runs too on connections that are
    /// [dedicated](Db::dedicated) or migrate, and not on a listener's. For plain settings,
    /// [`setting`](Builder::setting) is faster. It is refused behind a [`pooler`](Builder::pooler) and over a
    /// [pool of `sqlx`](Db::builder_from_pool), whose sessions others use too.
    ///
    /// # Cancel safety
    ///
    /// Its future is dropped at `connect_timeout`, or if a connection is not reset and prepared within 5 s. That connection
    /// is closed.
    ///
    /// ```
    /// # use shortlease::{Builder, Sqlite};
    /// fn prepared(builder: Builder<Sqlite>) -> Builder<Sqlite> {
    ///     builder.after_connect(|conn| {
    ///         Box::pin(async move {
    ///             let seen = "CREATE TEMP TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY)";
    ///             sqlx::raw_sql(seen).execute(conn).await?;
    ///             Ok(())
    ///         })
    ///     })
    /// }
    /// ```
    pub fn after_connect(
        mut self,
        prepare: impl for<'c> Fn(&'c mut DB::Connection) -> BoxFuture<'c, Result<(), sqlx::Error>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.after_connect = AfterConnect::new(prepare);
        self
    }

    /// Sets for how long after its last answer an idle connection goes to a lease without a ping. Default 500 ms, which is
    /// HikariCP's `aliveBypassWindow`.
    pub fn validate_after(mut self, idle: Duration) -> Self {
        self.settings.validate_after = idle;
        self
    }

    /// Sets how long a connection may be idle before it is closed. Default 60 s. All but [`min_idle`](Builder::min_idle) are
    /// closed in this way. `None` closes none of them.
    pub fn idle_timeout(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.settings.idle_timeout = idle.into().unwrap_or(NEVER);
        self
    }

    /// Sets how many connections stay open while nobody needs them. Default 0: there is none before the first lease, and none
    /// after the idle timeout.
    pub fn min_idle(mut self, connections: u32) -> Self {
        self.settings.min_idle = connections;
        self
    }

    /// Sets how often an idle connection is pinged, so that firewalls do not forget it. `None` turns it off. Default 30 s.
    pub fn keepalive(mut self, silence: impl Into<Option<Duration>>) -> Self {
        self.settings.keepalive = silence.into();
        self
    }

    /// Sets how old a connection may get. It is closed once no lease holds it. Each connection lives up to a quarter less than
    /// this, so that they do not all end at once. `None` sets no limit. Default 30 min, which is HikariCP's `maxLifetime`.
    pub fn max_lifetime(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.settings.max_lifetime = age.into().unwrap_or(NEVER);
        self
    }

    /// Makes all leases share one connection, in one transaction that is never committed. For tests. Nothing of it is left
    /// once the last clone of the handle and the last session are dropped, after a panic too, or once it is
    /// [closed](Db::close).
    ///
    /// The later leases of the test see what the code under test commits, and nobody else does. A statement that fails
    /// outside of a transaction undoes only itself. A transaction that is rolled back undoes nothing else. Leases of
    /// concurrent tasks wait for each other. [`migrate`](Db::migrate) runs in the transaction too.
    ///
    /// What differs: on PostgreSQL `now()` stands still, NOTIFY is not delivered, and what cannot run in
    /// a transaction fails. Advisory locks and temporary tables of a transaction stay after it. Custom settings, such as
    /// `app.tenant`, that are made at connect are gone after the first lease; those of a transaction end with it. On SQLite
    /// deferred foreign keys are not checked, and others that write wait, for the whole test. On MySQL and MariaDB a
    /// statement that changes the schema, also in a migration, commits and ends the transaction. Tenants, the settings of a
    /// session, [`dedicated`](Db::dedicated) connections and listeners are refused; give such a test a database of its own
    /// with `#[sqlx::test]`. A `COMMIT` by hand, which SL005 refuses, is one.
    ///
    /// A lease that is revoked, or cannot be recovered, takes the connection with it; what follows
    /// then fails with [`Error::Setting`]. `max_connections` and what concerns idle connections have no
    /// effect. Over a [pool](Db::builder_from_pool), neither have `statement_timeout`, `setting` and `after_connect`.
    #[cfg(feature = "test")]
    pub fn test_transaction(mut self) -> Self {
        self.settings.test_transaction = true;
        self
    }

    #[cfg(not(feature = "test"))]
    #[doc(hidden)]
    pub fn test_transaction(self) -> Self
    where
        Self: FeatureTest,
    {
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

    /// Returns the handle without making a connection. The first lease makes one, or
    /// [`min_idle`](Builder::min_idle) does, in the background.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a value that cannot work.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn connect_lazy(self) -> Result<Db<DB>, Error> {
        let Builder { to, mut settings, after_connect } = self;
        settings.check()?;
        settings.clamp();
        let mode = Mode::of(&settings, matches!(to, To::Pool(_)))?;
        if after_connect.is_set() {
            mode.check_after_connect()?;
        }
        mode.adapt(&mut settings);
        let sessions = mode.sessions();
        let (connector, shared_pool) = match to {
            To::Url(url) => (DB::connector(&url, &settings, sessions)?, None),
            To::Options(options) => (DB::connector_with(*options, &settings, sessions)?, None),
            To::Pool(pool) => {
                settings.check_shared_pool(pool.options().get_max_connections())?;
                let options = ConnectOptionsOf::<DB>::clone(&pool.connect_options());
                (DB::connector_with(options, &settings, sessions)?, Some(pool))
            }
        };
        let dedicated = Reasons::new(settings.max_dedicated);
        let pool = Arc::new(Pool::new(connector, shared_pool, after_connect, settings, mode));
        pool.ensure_maintained();
        Ok(Db { pool, dedicated })
    }
}

impl<DB: Backend> fmt::Debug for Builder<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Implemented by nothing. Gives `builder.test_transaction()` an error that names the feature.
#[cfg(not(feature = "test"))]
#[diagnostic::on_unimplemented(
    message = "`test_transaction` needs the feature `test` of shortlease",
    label = "the feature `test` is not enabled",
    note = "tests alone need it: `shortlease = {{ version = \"..\", features = [\"test\"] }}` in `[dev-dependencies]`"
)]
pub trait FeatureTest {}

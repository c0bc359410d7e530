use std::io::{self, ErrorKind};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::FutureExt;
use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use tokio::time::{Instant, timeout};

use super::Pool;
use super::guard::SlotGuard;
use super::session_watch::SessionWatch;
use super::slot::{Clean, Lifetime, LiveConn, Prepared, SessionConn, SessionPermit, SlotId};
use super::state::ConnectFailure;
use crate::backend::driver::{Connected, Driver};
use crate::backend::raw_conn::RawConn;
use crate::capacity::Demand;
use crate::error::{Busy, Error, ForeignTransaction, WaitPhase, asks_for_unknown_login};
use crate::{Backend, backoff};

impl<DB: Backend> Pool<DB> {
    /// Puts a usable connection into the slot, in the background: the idle one if it still answers,
    /// else a new one. Whoever waits may give up meanwhile.
    pub(super) fn connect(self: &Arc<Self>, slot: SlotId, idle: Option<Clean<LiveConn<DB>>>) {
        let slot = SlotGuard::new(self, slot);
        self.spawn(async move {
            let pool = Arc::clone(slot.pool());
            let answered = match idle {
                Some(idle) => pool.validate(idle).await,
                None => None,
            };
            let connected = match answered {
                Some(connection) => Ok(connection),
                // A panic would begin the next connect at once.
                None => AssertUnwindSafe(pool.new_connection())
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(panicked())),
            };
            match connected {
                Ok(connection) => slot.put_back(Some(connection)),
                // Whoever asked for it has left with the same answer.
                Err(Error::Busy(_) | Error::Closed) => slot.put_back(None),
                Err(error) => {
                    if let Some(error) = slot.fail(pool.judge(error)) {
                        tracing::warn!(%error, "a connect failed that nobody waits for");
                    }
                }
            }
        });
    }

    /// Returns `true` if a connect that failed may succeed soon.
    pub(crate) fn connect_may_pass(&self, error: &Error) -> bool {
        match error {
            Error::Connect(sqlx::Error::Io(error)) if error.kind() == ErrorKind::NotFound => {
                DB::uses_socket_file(&self.connector)
            }
            Error::Connect(sqlx::Error::Io(error)) => may_pass(error.kind()),
            Error::Connect(sqlx::Error::Database(error)) => DB::may_pass(&**error),
            // With TLS compiled in, `sqlx` takes the end of the connection for an answer.
            Error::Connect(error @ sqlx::Error::Protocol(_)) => !asks_for_unknown_login(error),
            _ => false,
        }
    }

    /// The pause before the next connect, after so many that have failed.
    pub(crate) fn pause_after(&self, failures: u32) -> Duration {
        backoff::pause(failures, SHORTEST, LONGEST)
    }

    /// Tells if a connect that failed is to be tried again, and after which pause.
    fn judge(&self, error: Error) -> ConnectFailure<Error> {
        // A pool of `sqlx` tries again by itself.
        if self.shared_pool.is_some() || !self.connect_may_pass(&error) {
            return ConnectFailure::Final(error);
        }
        let failures = self.state().connect_failures();
        if failures == 0 {
            tracing::warn!(%error, "connects fail, trying again");
        }
        ConnectFailure::Passing(error, self.pause_after(failures))
    }

    /// Asks an idle connection for a sign of life, in the background.
    pub(super) fn keep_alive(self: &Arc<Self>, slot: SlotId, idle: Clean<LiveConn<DB>>) {
        let slot = SlotGuard::new(self, slot);
        self.spawn(async move {
            let answered = slot.pool().validate(idle).await;
            slot.put_back(answered);
        });
    }

    /// Returns the connection if it answers, and closes it otherwise.
    async fn validate(
        self: &Arc<Self>,
        mut idle: Clean<LiveConn<DB>>,
    ) -> Option<Clean<LiveConn<DB>>> {
        // Short enough that a connect fits into the rest of `acquire_timeout`.
        let limit = (self.settings.acquire_timeout / 4).min(Duration::from_secs(5));
        if let Ok(Ok(())) = timeout(limit, idle.conn.session.raw.ping()).await {
            idle.answered(Instant::now());
            return Some(idle);
        }
        self.close_in_background(idle.conn);
        None
    }

    /// Makes or borrows a connection.
    async fn new_connection(self: &Arc<Self>) -> Result<Clean<LiveConn<DB>>, Error> {
        let since = Instant::now();
        let permit = self.session_permit(self.settings.connect_timeout).await?;
        let connected = async {
            self.mode.check_connect()?;
            let (mut raw, mut cancel_token) = match &self.shared_pool {
                None => self.make().await?,
                Some(shared_pool) => self.borrow(shared_pool).await?,
            };
            if let Some(token) = &mut cancel_token {
                DB::note_settings(&mut raw, token).await.map_err(Error::Connect)?;
            }
            self.mode.prepare::<DB>(&self.connector, &mut raw).await?;
            let now = Instant::now();
            let session = SessionConn { raw, cancel_token, prepared: Prepared::default() };
            let conn = LiveConn { session, permit };
            let lifetime = Lifetime { made_at: now, retire_at: now + self.settings.lifetime() };
            Ok(Clean::new(conn, lifetime, now))
        };
        match &self.shared_pool {
            None => self.in_connect_timeout(connected).await,
            Some(_) => {
                timeout(self.settings.acquire_timeout, connected).await.unwrap_or_else(|_| {
                    Err(self.busy(WaitPhase::SharedPool, Busy::ACQUIRE_TIMEOUT, since, None).into())
                })
            }
        }
    }

    async fn make(&self) -> Result<Made<DB>, Error> {
        let began = Instant::now();
        let (mut raw, cancel_token) = DB::connect(&self.connector).await?;
        self.after_connect.run(&mut raw).await.map_err(Error::Connect)?;
        self.telemetry.meters().create_time.record(began.elapsed());
        Ok((RawConn::own(raw), cancel_token))
    }

    async fn borrow(&self, shared_pool: &sqlx::Pool<DB>) -> Result<Made<DB>, Error> {
        loop {
            let mut raw = RawConn::borrow_from(shared_pool).await.map_err(Error::Connect)?;
            match DB::cancel_token(&self.connector, &mut raw).await {
                Ok(cancel_token) => return Ok((raw, cancel_token)),
                // Dropped, it is closed.
                Err(error) if ForeignTransaction::is(&error) => self.pass_over_foreign()?,
                Err(error) => return Err(Error::Connect(error)),
            }
        }
    }

    /// Tells that a connection of the `sqlx` pool has a transaction of others open on it and is closed, or fails if so many
    /// had one in a row that it is not the fault of some user.
    pub(crate) fn pass_over_foreign(&self) -> Result<(), Error> {
        tracing::warn!(
            "closed a connection of the `sqlx` pool: another user left a transaction open on it"
        );
        let in_a_row = self.foreign_in_a_row.fetch_add(1, Ordering::Relaxed) + 1;
        let all = self.shared_pool.as_ref().map_or(0, |pool| pool.options().get_max_connections());
        match in_a_row > all {
            false => Ok(()),
            true => Err(Error::setting(
                "after_connect",
                format!(
                    "of the `sqlx` pool seems to leave a transaction open, or `autocommit` off: \
                     {in_a_row} connections in a row came so, and leases would be part of it; leave \
                     neither behind there"
                ),
            )),
        }
    }

    /// Records that a lease has opened, in no transaction of others.
    pub(crate) fn record_own_transaction(&self) {
        self.foreign_in_a_row.store(0, Ordering::Relaxed);
    }

    /// Makes one connection to check the settings, and closes it.
    pub(crate) async fn check_server(self: &Arc<Self>) -> Result<(), Error> {
        let checked = async {
            let (mut raw, _) = self.make_unlimited().await?;
            if self.mode.counts_sessions() {
                match DB::capacity(&mut raw).await {
                    Ok(None) => {}
                    Ok(Some(capacity)) => {
                        Demand::of(&self.settings).check(&capacity, &self.settings)?;
                    }
                    // The role may not read them, or they name no such role.
                    Err(error @ (sqlx::Error::Database(_) | sqlx::Error::RowNotFound)) => {
                        tracing::warn!(%error, "the server's limits are not known");
                    }
                    Err(error) => return Err(Error::Connect(error)),
                }
            }
            raw.close().await.map_err(Error::Connect)
        };
        self.in_connect_timeout(checked).await
    }

    /// Makes a connection outside of the pool, without the limits of a lease, with what watches it from outside. Its permit
    /// is given back when its session has ended.
    pub(crate) async fn connect_watched(
        self: &Arc<Self>,
        permit: SessionPermit,
    ) -> Result<(DB::Connection, SessionWatch<DB>), Error> {
        let (raw, token) = match self.shared_pool {
            None => self.make_unlimited().await?,
            Some(_) => self.make_as_shared().await?,
        };
        Ok((raw, SessionWatch::new(self, token, permit)))
    }

    async fn make_unlimited(&self) -> Connected<DB> {
        let (mut raw, token) = DB::connect_unlimited(&self.connector).await?;
        self.after_connect.run(&mut raw).await.map_err(Error::Connect)?;
        Ok((raw, token))
    }

    /// Makes a connection that is prepared as those of the `sqlx` pool are, and none of it.
    async fn make_as_shared(&self) -> Connected<DB> {
        let of_one = self.pool_of_one().await?;
        let mut raw = of_one.acquire().await.map_err(Error::Connect)?.detach();
        if DB::is_in_transaction(&mut raw).await.map_err(Error::Connect)? {
            return Err(Error::setting(
                "after_connect",
                "of the `sqlx` pool leaves a transaction open, or `autocommit` off; leave neither behind there",
            ));
        }
        let token = DB::session_token(&self.connector, &mut raw).await.map_err(Error::Connect)?;
        Ok((raw, token))
    }

    /// Makes a pool of one connection without the limits of a lease. It has the hooks of the `sqlx` pool that lends the
    /// others, if one does.
    pub(crate) async fn pool_of_one(&self) -> Result<sqlx::Pool<DB>, Error> {
        let options = DB::unlimited_options(&self.connector).await?;
        let shared_pool = self.shared_pool.as_ref();
        let of_one = shared_pool.map_or_else(PoolOptions::new, |pool| pool.options().clone());
        let of_one =
            of_one.min_connections(0).max_connections(1).max_lifetime(None).idle_timeout(None);
        // The caller's own limit ends sooner.
        let of_one = of_one.acquire_timeout(self.settings.connect_timeout);
        Ok(of_one.connect_lazy_with(options))
    }

    /// Runs the pending migrations.
    pub(crate) async fn run_migrations(
        &self,
        raw: &mut DB::Connection,
        migrator: &Migrator,
    ) -> Result<(), Error> {
        DB::migrate(&self.connector, raw, migrator, self.settings.migration_lock_timeout).await
    }

    /// Limits a connect to `connect_timeout`.
    pub(crate) async fn in_connect_timeout<T>(
        &self,
        connected: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match timeout(self.settings.connect_timeout, connected).await {
            Ok(connected) => connected,
            Err(_) => Err(Error::Connect(sqlx::Error::Io(DB::no_answer()))),
        }
    }
}

/// Returns `true` if the server may be there soon. A name that nobody knows is not among these.
fn may_pass(kind: ErrorKind) -> bool {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, QuotaExceeded, ResourceBusy, TimedOut, UnexpectedEof,
    };
    let is_refused = matches!(kind, ConnectionRefused | HostUnreachable | NetworkUnreachable);
    let is_broken =
        matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof);
    is_refused || is_broken || matches!(kind, QuotaExceeded | ResourceBusy | TimedOut)
}

/// The pauses between connects that fail.
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);

/// A connection and its cancel token.
type Made<DB> = (RawConn<DB>, Option<<DB as Driver>::CancelToken>);

fn panicked() -> Error {
    let reason = "`after_connect` or `credentials` panicked";
    Error::Connect(sqlx::Error::Io(io::Error::other(reason)))
}

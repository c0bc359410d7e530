use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::postgres::{PgListener, PgNotification};
use sqlx::{Executor, Postgres};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::permit::{Permit, Reasons};
use crate::Error;
use crate::backend::postgres::LONGEST_NAME;
use crate::pool::Pool;
use crate::pool::slot::SessionPermit;
use crate::telemetry::GaugeGuard;

/// The time that a sign of life may take.
const ANSWER: Duration = Duration::from_secs(5);

/// A connection that receives the notifications of channels. It reconnects by itself.
#[must_use = "it stops listening when it is dropped"]
pub struct Listener {
    pool: Arc<Pool<Postgres>>,
    channels: Arc<[String]>,
    /// `None` while a task has it.
    connection: Option<PgListener>,
    silent_since: Instant,
    /// The task that asks a silent connection for a sign of life, or makes a new one. Not a part of `recv`, which
    /// may be dropped sooner each time.
    renewal: JoinSet<Result<Renewed, Error>>,
    /// The runtime on which `sqlx` spawns a task when the connection is dropped.
    runtime: Handle,
    permit: Permit,
    _session: SessionPermit,
    _counted: GaugeGuard,
}

/// A connection that answers, and what is to be told of it.
type Renewed = (PgListener, Option<Heard>);

/// An event of a [`Listener`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Heard {
    /// A notification, with its `channel()`, its `payload()` and the `process_id()` of the session that sent it.
    Notification(PgNotification),
    /// The connection was lost, and is there again. Notifications from in between are lost: look at the
    /// database for what they would have told of.
    MayHaveMissed,
}

impl Listener {
    /// Opens one of the connections that `reasons` counts, and listens on it.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub(crate) async fn open(
        pool: &Arc<Pool<Postgres>>,
        reasons: &Reasons,
        reason: &'static str,
        channels: Arc<[String]>,
    ) -> Result<Self, Error> {
        check(&channels)?;
        let (permit, session) = reasons.permit(pool, reason).await?;
        let counted = pool.count_dedicated();
        let connection = connect(pool, &channels).await?;
        Ok(Listener {
            pool: Arc::clone(pool),
            channels,
            connection: Some(connection),
            silent_since: Instant::now(),
            renewal: JoinSet::new(),
            runtime: Handle::current(),
            permit,
            _session: session,
            _counted: counted,
        })
    }

    /// Waits for the next notification. Connects again, with a growing pause, for as long as it takes if the
    /// connection is lost. Asks a silent server for a sign of life every `keepalive`, or every 30 s without one.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once [`close`](crate::Db::close) was called; [`Error::Connect`] if to connect again is of no
    /// use, as with a wrong password.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: no notification is lost when it is dropped, and to connect again goes on in the background. So it can
    /// stand in a `select!` beside a short timer.
    pub async fn recv(&mut self) -> Result<Heard, Error> {
        let pool = Arc::clone(&self.pool);
        let closed = std::pin::pin!(pool.closed());
        let heard = std::pin::pin!(self.next());
        match select(closed, heard).await {
            Either::Left(_) => Err(Error::Closed),
            Either::Right((heard, _)) => heard,
        }
    }

    async fn next(&mut self) -> Result<Heard, Error> {
        loop {
            let Some(connection) = &mut self.connection else {
                match self.renewed().await? {
                    Some(heard) => return Ok(heard),
                    None => continue,
                }
            };
            let period = self.pool.settings().watch_period();
            match timeout_at(self.silent_since + period, connection.try_recv()).await {
                Ok(Ok(Some(notification))) => {
                    self.silent_since = Instant::now();
                    return Ok(Heard::Notification(notification));
                }
                Ok(Ok(None) | Err(_)) => self.connection = None,
                Err(_) => {
                    let silent = self.connection.take();
                    self.start_renewal(silent);
                }
            }
        }
    }

    /// Waits until there is a connection again.
    async fn renewed(&mut self) -> Result<Option<Heard>, Error> {
        if self.renewal.is_empty() {
            self.start_renewal(None);
        }
        match self.renewal.join_next().await.expect("a task that was started") {
            Ok(renewed) => {
                let (connection, heard) = renewed?;
                self.connection = Some(connection);
                self.silent_since = Instant::now();
                Ok(heard)
            }
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // With its runtime. Another begins.
                Err(_) => Ok(None),
            },
        }
    }

    fn start_renewal(&mut self, silent: Option<PgListener>) {
        self.renewal.spawn(renew(Arc::clone(&self.pool), Arc::clone(&self.channels), silent));
    }
}

/// Returns the silent connection if it gives a sign of life, and a new one otherwise, after as many tries as it takes.
async fn renew(
    pool: Arc<Pool<Postgres>>,
    channels: Arc<[String]>,
    silent: Option<PgListener>,
) -> Result<Renewed, Error> {
    if let Some(mut silent) = silent
        && let Ok(Ok(_)) = timeout(ANSWER, silent.execute("SELECT 1")).await
    {
        return Ok((silent, None));
    }
    let mut failures = 0_u32;
    loop {
        sleep(pool.pause_after(failures)).await;
        match connect(&pool, &channels).await {
            Ok(connection) => return Ok((connection, Some(Heard::MayHaveMissed))),
            Err(error) if pool.connect_may_pass(&error) => {
                failures = failures.saturating_add(1);
                tracing::debug!(%error, "a listener cannot connect, trying again");
            }
            Err(error) => return Err(error),
        }
    }
}

async fn connect(pool: &Pool<Postgres>, channels: &[String]) -> Result<PgListener, Error> {
    let connected = async {
        let of_one = pool.pool_of_one().await?;
        let mut listener = PgListener::connect_with(&of_one).await.map_err(Error::Connect)?;
        listener.eager_reconnect(false);
        let channels = channels.iter().map(String::as_str);
        listener.listen_all(channels).await.map_err(Error::Connect)?;
        Ok(listener)
    };
    pool.in_connect_timeout(connected).await
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        self.connection = None;
        // It may have ended, with a connection.
        self.renewal = JoinSet::new();
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("reason", &self.permit.reason)
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

/// Refuses channels that nobody could notify, or that PostgreSQL would take for others.
fn check(channels: &[String]) -> Result<(), Error> {
    let refused = |reason: &str| Err(Error::setting("channels", reason));
    if channels.is_empty() {
        return refused("names none to listen on");
    }
    for channel in channels {
        match channel.as_str() {
            "" => return refused("has an empty name"),
            name if name.len() > LONGEST_NAME => {
                return refused("has a name of more than 63 bytes, which PostgreSQL cuts");
            }
            name if name.contains('\0') => return refused("has a name with a zero byte"),
            _ => {}
        }
    }
    Ok(())
}

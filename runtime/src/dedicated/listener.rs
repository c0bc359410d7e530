use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions};
use sqlx::{Executor, Postgres};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::permit::Permit;
use crate::pool::Pool;
use crate::telemetry::GaugeGuard;
use crate::{Db, Error};

/// The time that a sign of life may take.
const ANSWER: Duration = Duration::from_secs(5);

/// The time between two signs of life, if there is no `keepalive`.
const DEFAULT_PERIOD: Duration = Duration::from_secs(30);

/// A connection that receives the notifications of channels. It reconnects by itself.
pub struct Listener {
    pool: Arc<Pool<Postgres>>,
    channels: Vec<String>,
    connection: Option<PgListener>,
    failures: u32,
    /// The runtime on which `sqlx` spawns a task when the connection is dropped.
    runtime: Handle,
    permit: Permit,
    _counted: GaugeGuard,
}

/// An event of a [`Listener`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Heard {
    /// A notification.
    Notification(PgNotification),
    /// The connection was lost, and is there again. Notifications from in between are lost: look at the
    /// database for what they would have told of.
    MayHaveMissed,
}

impl Db<Postgres> {
    /// Receives the notifications of channels, on a connection of its own: it is one of
    /// [`max_dedicated`](crate::Builder::max_dedicated). `reason` says what for.
    ///
    /// # Errors
    ///
    /// As [`dedicated`](Db::dedicated).
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn listen(&self, reason: &'static str, channels: &[&str]) -> Result<Listener, Error> {
        let pool = &self.pool;
        if pool.is_closed() {
            return Err(Error::Closed);
        }
        pool.mode().check_dedicated()?;
        let permit = self.dedicated.permit(pool.settings().max_dedicated, reason)?;
        let mut listener = Listener {
            pool: Arc::clone(pool),
            channels: channels.iter().map(|channel| (*channel).to_owned()).collect(),
            connection: None,
            failures: 0,
            runtime: Handle::current(),
            permit,
            _counted: pool.count_dedicated(),
        };
        listener.connection = Some(listener.connect().await?);
        Ok(listener)
    }
}

impl Listener {
    /// Waits for the next notification. Connects again, with a growing pause, for as long as it takes if the
    /// connection is lost. Asks a silent server for a sign of life every `keepalive`, or every 30 s without one.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once [`close`](Db::close) was called; [`Error::Connect`] if to connect again is of no
    /// use, as with a wrong password.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: no notification is lost when it is dropped.
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
            let period = self.pool.settings().keepalive.unwrap_or(DEFAULT_PERIOD);
            let Some(connection) = &mut self.connection else {
                return self.reconnect().await.map(|()| Heard::MayHaveMissed);
            };
            let is_lost = match timeout(period, connection.try_recv()).await {
                Ok(Ok(Some(notification))) => return Ok(Heard::Notification(notification)),
                Ok(Ok(None) | Err(_)) => true,
                Err(_) => {
                    !matches!(timeout(ANSWER, connection.execute("SELECT 1")).await, Ok(Ok(_)))
                }
            };
            if is_lost {
                self.connection = None;
            }
        }
    }

    async fn reconnect(&mut self) -> Result<(), Error> {
        loop {
            sleep(self.pool.pause_after(self.failures)).await;
            match self.connect().await {
                Ok(connection) => {
                    self.failures = 0;
                    self.connection = Some(connection);
                    return Ok(());
                }
                Err(error) if Pool::<Postgres>::connect_may_pass(&error) => {
                    self.failures = self.failures.saturating_add(1);
                    tracing::debug!(%error, "a listener cannot connect, trying again");
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn connect(&self) -> Result<PgListener, Error> {
        let connected = async {
            let options = self.pool.unlimited_options().await.map_err(Error::Connect)?;
            let pool =
                PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
            let pool = pool.connect_with(options).await.map_err(Error::Connect)?;
            let mut listener = PgListener::connect_with(&pool).await.map_err(Error::Connect)?;
            listener.eager_reconnect(false);
            let channels = self.channels.iter().map(String::as_str);
            listener.listen_all(channels).await.map_err(Error::Connect)?;
            Ok(listener)
        };
        self.pool.in_connect_timeout(connected).await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        self.connection = None;
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

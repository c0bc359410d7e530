use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use tokio::time::{Instant, timeout};

use super::Pool;
use super::guard::SlotGuard;
use super::slot::{Clean, LiveConn, SlotId};
use crate::Backend;
use crate::backend::driver::Driver;
use crate::backend::raw_conn::RawConn;
use crate::capacity::Demand;
use crate::error::{Error, WaitPhase};

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
                None => pool.new_connection().await,
            };
            match connected {
                Ok(connection) => slot.put_back(Some(connection)),
                // Whoever asked for it has left with the same answer.
                Err(Error::Busy(_) | Error::Closed) => slot.put_back(None),
                Err(error) => {
                    if let Some(error) = slot.fail(error) {
                        tracing::warn!(%error, "a connect failed that nobody waits for");
                    }
                }
            }
        });
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
        if let Ok(Ok(())) = timeout(limit, idle.conn.raw.ping()).await {
            idle.answered(Instant::now());
            return Some(idle);
        }
        self.close_in_background(idle.conn);
        None
    }

    /// Makes or borrows a connection.
    async fn new_connection(self: &Arc<Self>) -> Result<Clean<LiveConn<DB>>, Error> {
        let since = Instant::now();
        let connected = async {
            let permit = self.session().await?;
            self.mode.check_connect()?;
            let (mut raw, cancel_token) = match &self.shared_pool {
                None => self.make().await?,
                Some(shared_pool) => self.borrow(shared_pool).await.map_err(Error::Connect)?,
            };
            self.mode.prepare::<DB>(&self.connector, &mut raw).await?;
            let now = Instant::now();
            let conn = LiveConn { raw, cancel_token, permit: Some(permit) };
            Ok(Clean::new(conn, now + self.settings.lifetime(), now))
        };
        match &self.shared_pool {
            None => self.in_connect_timeout(connected).await,
            Some(_) => timeout(self.settings.acquire_timeout, connected)
                .await
                .unwrap_or_else(|_| Err(self.busy(WaitPhase::SharedPool, since, None).into())),
        }
    }

    async fn make(&self) -> Result<Made<DB>, Error> {
        let began = Instant::now();
        let (raw, cancel_token) = DB::connect(&self.connector).await?;
        self.telemetry.meters().create_time.record(began.elapsed());
        Ok((RawConn::Owned(raw), cancel_token))
    }

    async fn borrow(&self, shared_pool: &sqlx::Pool<DB>) -> Result<Made<DB>, sqlx::Error> {
        let mut raw = RawConn::borrow_from(shared_pool).await?;
        let cancel_token = DB::cancel_token(&self.connector, &mut raw).await?;
        Ok((raw, cancel_token))
    }

    /// Makes one connection to check the settings, and closes it.
    pub(crate) async fn check_server(&self) -> Result<(), Error> {
        let checked = async {
            let mut raw = self.connect_unlimited().await?;
            if self.mode.counts_sessions()
                && let Some(capacity) = DB::capacity(&mut raw).await.map_err(Error::Connect)?
            {
                Demand::of(&self.settings).check(&capacity, &self.settings)?;
            }
            raw.close().await.map_err(Error::Connect)
        };
        self.in_connect_timeout(checked).await
    }

    /// Makes a connection outside of the pool, without the limits of a lease.
    pub(crate) async fn connect_unlimited(&self) -> Result<DB::Connection, Error> {
        let (raw, _) = DB::connect_unlimited(&self.connector).await?;
        Ok(raw)
    }

    /// Limits a connect to `connect_timeout`.
    pub(crate) async fn in_connect_timeout<T>(
        &self,
        connected: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match timeout(self.settings.connect_timeout, connected).await {
            Ok(connected) => connected,
            Err(_) => Err(Error::Connect(sqlx::Error::Io(std::io::Error::new(
                std::io::ErrorKind::TimedOut,
                "no answer within `connect_timeout`",
            )))),
        }
    }
}

/// A connection and its cancel token.
type Made<DB> = (RawConn<DB>, Option<<DB as Driver>::CancelToken>);

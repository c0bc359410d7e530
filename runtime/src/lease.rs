use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool::managed::Object;
use sqlx::Connection;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{timeout, timeout_at};

use crate::error::{Error, Phase};
use crate::holder::Log;
use crate::pool::{Idle, Pool, Slot};
use crate::site::Site;
use crate::{Backend, Conn, Tx};

/// How long a connection left in the middle of something may take to come back.
const RECOVERY: Duration = Duration::from_secs(5);

/// A connection out of the pool; dropping it, at any time, gives the slot back at once.
pub(crate) struct Lease<DB: Backend> {
    pool: Arc<Pool<DB>>,
    key: u64,
    retire_at: Instant,
    /// Gone only while the lease is being dropped.
    lent: Option<Tx<DB>>,
}

impl<DB: Backend> Lease<DB> {
    /// # Cancel safety
    ///
    /// Safe: a place in the queue is given up, a connect that has begun goes on and its connection
    /// is pooled.
    pub(crate) async fn open(pool: &Arc<Pool<DB>>, site: Site) -> Result<Self, Error> {
        let since = Instant::now();
        let deadline = (since + pool.settings.acquire_timeout).into();
        let Ok(slot) = timeout_at(deadline, pool.slot()).await else {
            return Err(pool.busy(Phase::Queue, since));
        };
        let mut slot = slot?;
        let now = Instant::now();
        let fresh = |idle: &mut Idle<DB>| {
            now < idle.retire_at && now < idle.since + pool.settings.validate_after
        };
        let idle = match slot.idle.take_if(fresh) {
            Some(idle) => idle,
            None => {
                let connecting = Arc::new(AtomicBool::new(slot.idle.is_none()));
                let (filled, filling) = oneshot::channel();
                let fill = fill(Arc::clone(pool), slot, Arc::clone(&connecting));
                // A receiver that is gone drops the slot, which pools the connection.
                tokio::spawn(async move { drop(filled.send(fill.await)) });
                match timeout_at(deadline, filling).await {
                    Err(_) => {
                        let phase = match connecting.load(Ordering::Relaxed) {
                            true => Phase::Connect,
                            false => Phase::Validate,
                        };
                        return Err(pool.busy(phase, since));
                    }
                    // The task does not panic; it can only be gone with its runtime.
                    Ok(Err(_)) => return Err(Error::Closed),
                    Ok(Ok(filled)) => slot = filled?,
                }
                match slot.idle.take() {
                    Some(idle) => idle,
                    None => return Err(Error::Closed),
                }
            }
        };
        let log = Arc::new(Log::open(site));
        let key = pool.enter(Arc::clone(&log), slot);
        let conn = Conn { raw: idle.raw, log, depth: 0 };
        let (pool, retire_at) = (Arc::clone(pool), idle.retire_at);
        Ok(Lease { pool, key, retire_at, lent: Some(Tx::over(conn)) })
    }

    /// Runs the body to its end or to `max_lease`.
    pub(crate) async fn run<T, E: From<Error>>(
        mut self,
        body: impl AsyncFnOnce(&mut Tx<DB>) -> Result<T, E>,
    ) -> Result<T, E> {
        let lent = self.lent.as_mut().expect("a lease lends its connection until it is dropped");
        let log = Arc::clone(&lent.log);
        let deadline = log.since + self.pool.settings.max_lease;
        let outcome = timeout_at(deadline.into(), body(lent)).await;
        drop(self);
        match outcome {
            Ok(Err(_)) | Err(_) if log.revoked() => {
                Err(Error::LeaseRevoked { site: log.site }.into())
            }
            Ok(outcome) => outcome,
            Err(_) => {
                let held = log.since.elapsed();
                Err(Error::LeaseExpired { site: log.site, held }.into())
            }
        }
    }
}

impl<DB: Backend> Drop for Lease<DB> {
    fn drop(&mut self) {
        let slot = self.pool.leave(self.key);
        let Some(lent) = self.lent.take() else { return };
        let conn = lent.into_conn();
        let Some(mut slot) = slot else { return retire::<DB>(conn.raw) };
        let (log, now) = (&conn.log, Instant::now());
        if log.broken() {
            drop(Object::take(slot));
        } else if log.in_flight() || conn.depth > 0 {
            drop(Object::take(slot));
            recover(Arc::clone(&self.pool), conn.raw, self.retire_at);
        } else if now < self.retire_at && !self.pool.is_closed() {
            slot.idle = Some(Idle { raw: conn.raw, retire_at: self.retire_at, since: now });
        } else {
            drop(Object::take(slot));
            retire::<DB>(conn.raw);
        }
    }
}

/// Puts a usable connection into the slot: the idle one if it still answers, else a new one.
async fn fill<DB: Backend>(
    pool: Arc<Pool<DB>>,
    mut slot: Slot<DB>,
    connecting: Arc<AtomicBool>,
) -> Result<Slot<DB>, Error> {
    let settings = &pool.settings;
    if let Some(mut idle) = slot.idle.take() {
        if Instant::now() < idle.retire_at
            && let Ok(Ok(())) = timeout(RECOVERY, idle.raw.ping()).await
        {
            idle.since = Instant::now();
            slot.idle = Some(idle);
            return Ok(slot);
        }
        retire::<DB>(idle.raw);
    }
    connecting.store(true, Ordering::Relaxed);
    match connect(&pool).await {
        Ok(raw) => {
            let now = Instant::now();
            let retire_at = now + settings.max_lifetime;
            slot.idle = Some(Idle { raw, retire_at, since: now });
            Ok(slot)
        }
        Err(error) => {
            drop(Object::take(slot));
            Err(error)
        }
    }
}

pub(crate) async fn connect<DB: Backend>(pool: &Pool<DB>) -> Result<DB::Connection, Error> {
    match timeout(pool.settings.connect_timeout, DB::connect(&pool.connector)).await {
        Ok(connected) => connected.map_err(Error::Connect),
        Err(_) => Err(Error::Connect(sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            "no answer within `connect_timeout`",
        )))),
    }
}

/// Brings a connection that was left in the middle of something back, or closes it.
fn recover<DB: Backend>(pool: Arc<Pool<DB>>, mut raw: DB::Connection, retire_at: Instant) {
    // Dropped with its runtime: the socket closes, and the server rolls back.
    let Ok(runtime) = Handle::try_current() else { return };
    runtime.spawn(async move {
        let Ok(Ok(())) = timeout(RECOVERY, DB::reset(&mut raw)).await else { return };
        match pool.try_slot() {
            Some(mut slot) if slot.idle.is_none() => {
                slot.idle = Some(Idle { raw, retire_at, since: Instant::now() });
            }
            _ => retire::<DB>(raw),
        }
    });
}

/// Closes a connection politely, in the background.
fn retire<DB: Backend>(raw: DB::Connection) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(timeout(RECOVERY, raw.close()));
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt};
use sqlx::Connection;
use tokio::time::{timeout, timeout_at};
use tracing::{Instrument, Span};

use crate::error::{Error, Phase};
use crate::holder::Log;
use crate::pool::{Dirt, End, Idle, Link, Pool, Seat, Slot};
use crate::queue::{Letter, Tenant, Waiter};
use crate::recovery::retire;
use crate::settings::Pooler;
use crate::site::Site;
use crate::telemetry::{Counted, SiteMeters};
use crate::{Backend, Conn, Tx};

/// A connection out of the pool; dropping it, at any time, gives the slot back at once.
pub(crate) struct Lease<DB: Backend> {
    pool: Arc<Pool<DB>>,
    key: usize,
    /// Since when it was wanted.
    since: Instant,
    retire_at: Instant,
    meters: Arc<SiteMeters>,
    log: Arc<Log>,
    span: Span,
    /// Gone only while the lease is being dropped.
    lent: Option<Tx<DB>>,
}

impl<DB: Backend> Lease<DB> {
    /// # Cancel safety
    ///
    /// Safe: a place in the queue is given up, a connect that has begun goes on and its connection
    /// is pooled.
    pub(crate) async fn open(
        pool: &Arc<Pool<DB>>,
        site: Site,
        tenant: &Tenant,
    ) -> Result<Self, Error> {
        let since = Instant::now();
        let meters = pool.telemetry.site(site);
        let mut slot = match pool.try_slot() {
            Some(slot) if is_fresh(pool, &slot) => slot,
            slot => {
                let waited = wait(pool, slot, since, tenant).await;
                let took = since.elapsed();
                if let Err(Error::Busy(busy)) = &waited {
                    pool.telemetry.timed_out(&meters, site, busy);
                } else if took > pool.settings.acquire_timeout / 4 {
                    pool.telemetry.pressure(site, took, pool.used(), pool.waiting());
                }
                waited?
            }
        };
        let Some(Idle { link, .. }) = slot.idle.take() else { return Err(Error::Closed) };
        let Link { raw, peer, retire_at } = link;
        let pooler = pool.settings.pooler;
        // A pooler lends another to each transaction.
        let peer = peer.filter(|_| pooler.is_none());
        let log = Arc::new(Log::open(site, tenant.clone(), pool.settings.statement_timeout()));
        meters.waited(log.since - since);
        let Some(key) = pool.enter(&log, peer.clone(), slot) else {
            retire(pool, Link { raw, peer, retire_at }, None);
            return Err(Error::Closed);
        };
        let unnamed = pooler == Some(Pooler::Transaction);
        let conn = Conn { raw, peer, log: Arc::clone(&log), unnamed, depth: 0 };
        let lent = Some(Tx::over(conn));
        let span = tracing::debug_span!("lease", %site);
        let pool = Arc::clone(pool);
        Ok(Lease { pool, key, since, retire_at, meters, log, span, lent })
    }

    fn tx(&mut self) -> &mut Tx<DB> {
        self.lent.as_mut().expect("a lease lends its connection until it is dropped")
    }

    fn deadline(&self) -> tokio::time::Instant {
        (self.log.since + self.pool.settings.max_lease).into()
    }

    /// Begins the transaction, by `max_lease`.
    fn begin(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async {
            let (deadline, span) = (self.deadline(), self.span.clone());
            match timeout_at(deadline, self.begun()).instrument(span).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(self.cut().unwrap_or(error)),
                Err(_) => Err(self.overran()),
            }
        }
        .boxed()
    }

    async fn begun(&mut self) -> Result<(), Error> {
        let begin = DB::begin(&self.pool.connector, self.log.tenant.as_deref())?;
        let begun = match self.pool.settings.pooler {
            None => self.tx().begin(begin).await?,
            Some(_) => {
                // Until it is answered, the lease waits for a session as others for a place.
                let deadline = self.since + self.pool.settings.acquire_timeout;
                let answered = timeout_at(deadline.into(), self.tx().begin(begin)).await;
                answered.map_err(|_| self.kept_waiting())??
            }
        };
        if begun {
            let peer = self.tx().peer.clone();
            self.pool.meet(self.key, &self.log, peer);
        }
        Ok(())
    }

    fn kept_waiting(&self) -> Error {
        let busy = self.pool.busy(Phase::Pooler, self.since, Some(&self.log));
        self.pool.telemetry.timed_out(&self.meters, self.log.site, &busy);
        Error::Busy(busy)
    }

    /// Commits the transaction, or rolls it back, by `max_lease`, and ends the lease.
    fn end(mut self, succeeded: bool) -> BoxFuture<'static, Result<(), Error>> {
        async move {
            let (deadline, span) = (self.deadline(), self.span.clone());
            match timeout_at(deadline, self.tx().end(succeeded)).instrument(span).await {
                Ok(Ok(())) if succeeded => Ok(()),
                Ok(Ok(())) => self.cut().map_or(Ok(()), Err),
                Ok(Err(error)) if self.log.committing() => Err(error),
                Ok(Err(error)) => Err(self.cut().unwrap_or(error)),
                Err(_) => Err(self.overran()),
            }
        }
        .boxed()
    }

    /// Why it failed, where that was not of its own doing.
    fn cut(&self) -> Option<Error> {
        self.log.note_cut();
        match (self.log.revoked(), self.log.cut()) {
            (Some(why), _) => Some(Error::LeaseRevoked { site: self.log.site, why }),
            (_, Some(setting)) => Some(self.expired(setting)),
            _ => None,
        }
    }

    /// What became of it at `max_lease`.
    fn overran(&self) -> Error {
        let site = self.log.site;
        if self.log.committing() {
            let why = "`max_lease` ran out during COMMIT";
            let source = std::io::Error::new(std::io::ErrorKind::TimedOut, why);
            return Error::CommitUnknown { site, source: sqlx::Error::Io(source) };
        }
        self.cut().unwrap_or_else(|| self.expired("max_lease"))
    }

    fn expired(&self, setting: &'static str) -> Error {
        let (site, held, busy) = (self.log.site, self.log.since.elapsed(), self.log.busy());
        self.meters.expired.increment(1);
        tracing::warn!(%site, ?held, ?busy, setting, "lease_overrun");
        Error::LeaseExpired { site, held, setting }
    }
}

/// Runs a body on a connection, to its end or to `max_lease`, in a transaction or not.
///
/// # Cancel safety
///
/// Dropped at any point, the slot is free at once.
// rustc proves for each body anew that this future is `Send`, and every future in it: so there are
// none but the body's own, and boxes.
pub(crate) async fn hold<DB: Backend, C, T, E: From<Error>>(
    pool: &Arc<Pool<DB>>,
    (site, tenant): (Site, &Tenant),
    transaction: bool,
    lend: fn(&mut Tx<DB>) -> &mut C,
    body: impl AsyncFnOnce(&mut C) -> Result<T, E>,
) -> Result<T, E> {
    let mut lease = Lease::open(pool, site, tenant).boxed().await?;
    if transaction {
        lease.begin().await?;
    }
    let (deadline, span) = (lease.deadline(), lease.span.clone());
    match timeout_at(deadline, body(lend(lease.tx()))).instrument(span).await {
        Ok(outcome) if transaction => {
            lease.end(outcome.is_ok()).await?;
            outcome
        }
        Ok(Err(error)) => Err(lease.cut().map_or(error, E::from)),
        Ok(outcome) => outcome,
        Err(_) => Err(lease.overran().into()),
    }
}

impl<DB: Backend> Drop for Lease<DB> {
    fn drop(&mut self) {
        let Some(lent) = self.lent.take() else { return };
        let Conn { raw, peer, log, depth, .. } = lent.into_conn();
        let in_flight = log.in_flight();
        let ended = Instant::now();
        self.meters.ended(&log, ended);
        if log.touched() {
            self.meters.unchecked.increment(1);
        }
        if log.committing() {
            self.meters.unknown.increment(1);
            tracing::warn!(site = %log.site, "a COMMIT was cut short: its outcome is not known");
        }
        let end = if log.broken() {
            End::Broken
        } else if in_flight || depth > 0 || log.touched() {
            // Behind a pooler, what a transaction's end has not undone is out of reach.
            let touched = log.touched() && (in_flight || depth > 0);
            End::Dirty(Dirt { in_flight, touched })
        } else {
            End::Clean
        };
        let link = Link { raw, peer, retire_at: self.retire_at };
        self.pool.leave(self.key, &log, link, end, ended);
    }
}

/// Whether the slot can be used as it is.
fn is_fresh<DB: Backend>(pool: &Pool<DB>, slot: &Slot<DB>) -> bool {
    slot.idle.as_ref().is_some_and(|idle| {
        let now = Instant::now();
        now < idle.link.retire_at && now < idle.heard + pool.settings.validate_after
    })
}

/// Until there is a free slot with a usable connection in it, but for no longer than
/// `acquire_timeout`.
async fn wait<DB: Backend>(
    pool: &Arc<Pool<DB>>,
    slot: Option<Slot<DB>>,
    since: Instant,
    tenant: &Tenant,
) -> Result<Slot<DB>, Error> {
    if pool.is_closed() {
        return Err(Error::Closed);
    }
    let deadline = since + pool.settings.acquire_timeout;
    let _pending = Counted::new(&pool.telemetry.meters().pending);
    let ticket = Ticket {
        pool,
        since,
        waiter: Arc::new(Waiter::new(tenant.clone(), deadline)),
        connecting: AtomicBool::default(),
        queued: AtomicBool::new(true),
    };
    let waited = timeout_at(deadline.into(), ticket.slot(slot)).await;
    let phase = ticket.phase();
    drop(ticket);
    waited.unwrap_or_else(|_| Err(pool.busy(phase, since, None).into()))
}

struct Ticket<'a, DB: Backend> {
    pool: &'a Arc<Pool<DB>>,
    since: Instant,
    waiter: Arc<Waiter<DB>>,
    connecting: AtomicBool,
    queued: AtomicBool,
}

impl<DB: Backend> Ticket<'_, DB> {
    async fn slot(&self, slot: Option<Slot<DB>>) -> Result<Slot<DB>, Error> {
        let mut next = match slot {
            Some(slot) => Some(slot),
            None => self.pool.join(&self.waiter),
        };
        loop {
            let slot = match next.take() {
                Some(slot) => slot,
                None => match self.waiter.letter().await {
                    Letter::Slot(slot) => slot,
                    Letter::Failed(error) => return Err(error),
                    Letter::Lapsed => {
                        self.queued.store(true, Ordering::Relaxed);
                        next = self.pool.rejoin(&self.waiter);
                        continue;
                    }
                },
            };
            self.queued.store(false, Ordering::Relaxed);
            // Filled for this one, it need not be validated again, whatever `validate_after`.
            let answered = |idle: &Idle<DB>| idle.heard >= self.since;
            if slot.idle.as_ref().is_some_and(answered) || is_fresh(self.pool, &slot) {
                return Ok(slot);
            }
            self.connecting.store(slot.idle.is_none(), Ordering::Relaxed);
            let (pool, waiter) = (Arc::clone(self.pool), Arc::clone(&self.waiter));
            self.pool.spawn(async move {
                let filled = fill(&pool, slot).await;
                pool.deliver(&waiter, filled);
            });
        }
    }

    fn phase(&self) -> Phase {
        match (self.queued.load(Ordering::Relaxed), self.connecting.load(Ordering::Relaxed)) {
            (true, _) => Phase::Queue,
            (false, false) => Phase::Validate,
            (false, true) => Phase::Connect,
        }
    }
}

impl<DB: Backend> Drop for Ticket<'_, DB> {
    fn drop(&mut self) {
        self.pool.part(&self.waiter);
    }
}

/// Puts a usable connection into the slot: the idle one if it still answers, else a new one.
pub(crate) async fn fill<DB: Backend>(
    pool: &Pool<DB>,
    mut slot: Slot<DB>,
) -> Result<Slot<DB>, Error> {
    if let Some(mut idle) = slot.idle.take() {
        if Instant::now() < idle.link.retire_at && validate(pool, &mut idle).await {
            slot.idle = Some(idle);
            return Ok(slot);
        }
        let seat = slot.seat.take();
        retire(pool, idle.link, seat);
    }
    match connect(pool).await {
        Ok((link, seat)) => {
            slot.idle = Some(Idle::new(link, &pool.telemetry, Instant::now()));
            slot.seat = Some(seat);
            Ok(slot)
        }
        Err(error) => {
            pool.release(slot);
            Err(error)
        }
    }
}

/// Whether an idle connection answers.
pub(crate) async fn validate<DB: Backend>(pool: &Pool<DB>, idle: &mut Idle<DB>) -> bool {
    // Short enough that a connect fits into the rest of `acquire_timeout`.
    let limit = (pool.settings.acquire_timeout / 4).min(Duration::from_secs(5));
    let answered = matches!(timeout(limit, idle.link.raw.ping()).await, Ok(Ok(())));
    idle.heard = Instant::now();
    answered
}

/// Makes a connection that counts against the pool's sessions.
pub(crate) async fn connect<DB: Backend>(pool: &Pool<DB>) -> Result<(Link<DB>, Seat), Error> {
    let connected = async {
        let seat = Arc::clone(&pool.seats).acquire_owned().await.map_err(|_| Error::Closed)?;
        let began = Instant::now();
        let (raw, peer) = DB::connect(&pool.connector).await?;
        pool.telemetry.meters().create_time.record(began.elapsed());
        let retire_at = Instant::now() + pool.settings.lifetime();
        Ok((Link { raw, peer, retire_at }, seat))
    };
    in_time(pool, connected).await
}

/// `connect_timeout` around whatever connects.
pub(crate) async fn in_time<DB: Backend, T>(
    pool: &Pool<DB>,
    connected: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    match timeout(pool.settings.connect_timeout, connected).await {
        Ok(connected) => connected,
        Err(_) => Err(Error::Connect(sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            "no answer within `connect_timeout`",
        )))),
    }
}

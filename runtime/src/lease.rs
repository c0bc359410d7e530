use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt};
use sqlx::Connection;
use sqlx::migrate::Migrator;
use tokio::time::{timeout, timeout_at};
use tracing::{Instrument, Span};

use crate::error::{Error, Phase};
use crate::holder::{Landing, Log};
use crate::pool::{Dirt, End, Idle, Link, Pool, Seat, Slot};
use crate::queue::{Letter, Tenant, Waiter};
use crate::raw::Raw;
use crate::recovery::retire;
use crate::settings::Pooler;
use crate::site::Site;
use crate::telemetry::{Counted, SiteMeters};
use crate::turns::{Turn, Turns};
use crate::{Backend, Conn, Tx, rehearsal};

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
        transaction: bool,
    ) -> Result<Self, Error> {
        let since = Instant::now();
        let meters = pool.telemetry.site(site);
        let got = acquire(pool, since, tenant, transaction).await;
        let now = Instant::now();
        let waited = now - since;
        if let Err(Error::Busy(busy)) = &got {
            pool.telemetry.timed_out(&meters, site, busy);
        } else if waited > pool.settings.acquire_timeout / 4 {
            pool.telemetry.pressure(site, waited, pool.used(), pool.waiting());
        }
        let (turn, mut slot) = got?;
        meters.waited(waited);
        let Some(Idle { link, .. }) = slot.idle.take() else { return Err(Error::Closed) };
        let Link { raw, peer, retire_at } = link;
        let pooler = pool.settings.pooler;
        // A pooler lends another to each transaction.
        let peer = peer.filter(|_| pooler.is_none());
        let timeout = pool.settings.statement_timeout();
        let log = Arc::new(Log::open(site, tenant.clone(), now, timeout));
        let Some(key) = pool.enter(&log, peer.clone(), slot, turn) else {
            pool.let_go(Link { raw, peer, retire_at }, None);
            return Err(Error::Closed);
        };
        let unnamed = pooler == Some(Pooler::Transaction);
        let rehearsed = pool.settings.rolled_back;
        let conn = Conn { raw, peer, log: Arc::clone(&log), unnamed, rehearsed, depth: 0 };
        let lent = Some(Tx::over(conn));
        let span = tracing::debug_span!("lease", %site);
        let pool = Arc::clone(pool);
        Ok(Lease { pool, key, since, retire_at, meters, log, span, lent })
    }

    /// Of a handle that is rolled back.
    pub(crate) async fn migrate(mut self, migrator: &Migrator) -> Result<(), Error> {
        let Conn { raw, log, .. } = &mut **self.tx();
        let raw: &mut DB::Connection = raw;
        log.depart();
        let migrated = DB::migrate(&mut *raw, migrator).await;
        let settled = rehearsal::settle::<DB, _>(raw, Ok(())).await;
        log.land(settled.as_ref().err().and_then(Landing::of::<DB>), log.since.elapsed());
        migrated?;
        Ok(settled?)
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
        if self.pool.settings.rolled_back {
            let tenant = self.log.tenant.clone();
            return self.tx().rehearse(tenant.as_deref());
        }
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
    let mut lease = Lease::open(pool, site, tenant, transaction).boxed().await?;
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
            let touched = log.touched() && (in_flight || depth > 0 || raw.is_lent());
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

/// What a lease needs: a turn where it is to write and there is one writer, then a connection. Never the
/// other way round.
async fn acquire<DB: Backend>(
    pool: &Arc<Pool<DB>>,
    since: Instant,
    tenant: &Tenant,
    transaction: bool,
) -> Result<(Option<Turn>, Slot<DB>), Error> {
    let turn = match &pool.turns {
        Some(turns) if transaction => Some(turn(pool, turns, since).await?),
        _ => None,
    };
    let slot = match pool.try_slot() {
        Some(slot) if is_fresh(pool, &slot) => slot,
        slot => wait(pool, slot, since, tenant).await?,
    };
    Ok((turn, slot))
}

async fn turn<DB: Backend>(pool: &Pool<DB>, turns: &Turns, since: Instant) -> Result<Turn, Error> {
    if let Some(turn) = turns.at_once() {
        return Ok(turn);
    }
    let _pending = Counted::new(&pool.telemetry.meters().pending);
    let deadline = since + pool.settings.acquire_timeout;
    match timeout_at(deadline.into(), turns.next()).await {
        Ok(turn) => turn.ok_or(Error::Closed),
        Err(_) => Err(pool.busy(Phase::Writer, since, None).into()),
    }
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
        let lent = self.pool.lender.is_some();
        match (self.queued.load(Ordering::Relaxed), self.connecting.load(Ordering::Relaxed)) {
            // Those before it have a place, and not yet a connection.
            (true, _) if lent && self.pool.used() < self.pool.settings.max_connections => {
                Phase::Lender
            }
            (true, _) => Phase::Queue,
            (false, false) => Phase::Validate,
            (false, true) if lent => Phase::Lender,
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
            slot.idle = Some(Idle::new(link, Instant::now()));
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

/// Makes or borrows a connection that counts against the pool's sessions.
pub(crate) async fn connect<DB: Backend>(pool: &Pool<DB>) -> Result<(Link<DB>, Seat), Error> {
    let since = Instant::now();
    let connected = async {
        let seat = Arc::clone(&pool.seats).acquire_owned().await.map_err(|_| Error::Closed)?;
        rehearsal::is_first(pool)?;
        let (mut raw, peer) = match &pool.lender {
            None => make(pool).await?,
            Some(lender) => borrow(pool, lender).await.map_err(Error::Connect)?,
        };
        if pool.settings.rolled_back {
            rehearsal::begin(pool, &mut raw).await?;
        }
        let retire_at = Instant::now() + pool.settings.lifetime();
        Ok((Link { raw, peer, retire_at }, seat))
    };
    match &pool.lender {
        None => in_time(pool, connected).await,
        // Who asked for it has left with the same answer.
        Some(_) => timeout(pool.settings.acquire_timeout, connected)
            .await
            .unwrap_or_else(|_| Err(pool.busy(Phase::Lender, since, None).into())),
    }
}

/// A connection and its peer.
type Met<DB> = (Raw<DB>, Option<<DB as Backend>::Peer>);

async fn make<DB: Backend>(pool: &Pool<DB>) -> Result<Met<DB>, Error> {
    let began = Instant::now();
    let (raw, peer) = DB::connect(&pool.connector).await?;
    pool.telemetry.meters().create_time.record(began.elapsed());
    Ok((Raw::Own(raw), peer))
}

async fn borrow<DB: Backend>(
    pool: &Pool<DB>,
    lender: &sqlx::Pool<DB>,
) -> Result<Met<DB>, sqlx::Error> {
    let mut raw = Raw::lent(lender).await?;
    let peer = DB::meet(&pool.connector, &mut raw).await?;
    Ok((raw, peer))
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

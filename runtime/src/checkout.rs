use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::time::timeout_at;

use crate::Backend;
use crate::connect::fill;
use crate::error::{Error, WaitPhase};
use crate::held::Held;
use crate::pool::{Idle, Pool, Slot};
use crate::queue::{Letter, Tenant, Waiter};
use crate::telemetry::Counted;

/// Whether the slot can be used as it is.
fn is_fresh<DB: Backend>(pool: &Pool<DB>, slot: &Slot<DB>) -> bool {
    slot.idle.as_ref().is_some_and(|idle| {
        let now = Instant::now();
        now < idle.link.retire_at && now < idle.heard + pool.settings.validate_after
    })
}

/// A place with a usable connection, and with the turn where the lease writes and there is one writer.
pub(crate) async fn acquire<DB: Backend>(
    pool: &Arc<Pool<DB>>,
    since: Instant,
    tenant: &Tenant,
    transaction: bool,
) -> Result<Slot<DB>, Error> {
    let writes = DB::ONE_WRITER && transaction;
    match pool.at_once(writes) {
        Some(slot) if is_fresh(pool, &slot) => Ok(slot),
        slot => wait(pool, slot, since, tenant, writes).await,
    }
}

/// Until there is a free slot with a usable connection in it, but for no longer than
/// `acquire_timeout`.
async fn wait<DB: Backend>(
    pool: &Arc<Pool<DB>>,
    slot: Option<Slot<DB>>,
    since: Instant,
    tenant: &Tenant,
    writes: bool,
) -> Result<Slot<DB>, Error> {
    if pool.is_closed() {
        return Err(Error::Closed);
    }
    let deadline = since + pool.settings.acquire_timeout;
    let _pending = Counted::new(&pool.telemetry.meters().pending);
    let ticket = Ticket {
        pool,
        since,
        waiter: Arc::new(Waiter::new(tenant.clone(), writes, deadline)),
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
            let held = Held::new(&pool, slot);
            self.pool.spawn(async move {
                let filled = fill(&pool, held).await;
                pool.deliver(&waiter, filled);
            });
        }
    }

    fn is_room(&self) -> bool {
        self.pool.used() < self.pool.settings.max_connections
    }

    fn phase(&self) -> WaitPhase {
        let lent = self.pool.lender.is_some();
        match (self.queued.load(Ordering::Relaxed), self.connecting.load(Ordering::Relaxed)) {
            (true, _) if self.waiter.writes && self.pool.is_written() => WaitPhase::WriteLock,
            // Those who have the places have no connections yet.
            (true, _) if lent && self.is_room() => WaitPhase::SharedPool,
            (true, _) if self.pool.warming.load(Ordering::Relaxed) > 0 && self.is_room() => {
                WaitPhase::Connect
            }
            (true, _) => WaitPhase::Queue,
            (false, false) => WaitPhase::Validate,
            (false, true) if lent => WaitPhase::SharedPool,
            (false, true) => WaitPhase::Connect,
        }
    }
}

impl<DB: Backend> Drop for Ticket<'_, DB> {
    fn drop(&mut self) {
        self.pool.part(&self.waiter);
    }
}

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use crate::Backend;
use crate::connect::{fill, validate};
use crate::counting::Counting;
use crate::error::Revocation;
use crate::held::Held;
use crate::pool::Pool;
use crate::recovery::retire;

/// The next try to warm up after a connect failed.
const RETRY: Duration = Duration::from_secs(1);

/// Starts the one background task of a pool: it closes what is idle for too long, asks what is
/// silent for a sign of life, keeps `min_idle` connections, and revokes leases that nobody polls any
/// more. It wakes for what is due and rests where nothing is. It ends with the pool, or with the
/// runtime it is in: then the next lease starts it again, in its own.
pub(crate) fn attend<DB: Backend>(pool: &Arc<Pool<DB>>) {
    let alone = pool.unattended.load(Ordering::Relaxed) && !pool.is_closed();
    if alone && pool.unattended.swap(false, Ordering::AcqRel) {
        pool.spawn(maintain(Attending(Arc::downgrade(pool))));
    }
}

/// The pool is attended to for as long as this lives.
struct Attending<DB: Backend>(Weak<Pool<DB>>);

impl<DB: Backend> Drop for Attending<DB> {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.unattended.store(true, Ordering::Release);
        }
    }
}

async fn maintain<DB: Backend>(attending: Attending<DB>) {
    loop {
        let Some(pool) = attending.0.upgrade() else { return };
        let due = tend(&pool);
        let bell = Arc::clone(&pool.bell);
        if pool.is_closed() && pool.used() == 0 {
            return;
        }
        drop(pool);
        match due {
            None => bell.notified().await,
            Some(due) => {
                let _ = timeout_at(due.into(), bell.notified()).await;
            }
        }
    }
}

/// Does what is due, and says when there is more.
fn tend<DB: Backend>(pool: &Arc<Pool<DB>>) -> Option<Instant> {
    let revoke_after = pool.settings.revoke_after();
    for holder in pool.revoke(Revocation::Unpolled, |log| log.since.elapsed() >= revoke_after) {
        tracing::warn!(site = %holder.site, "lease revoked: nothing polls it any more");
    }
    pool.lapse();
    for slot in pool.weed() {
        let (pool, held) = (Arc::clone(pool), Held::new(pool, slot));
        pool.clone().spawn(async move { keep_alive(&pool, held).await });
    }
    let cold = pool.cold();
    let retry = (!cold.is_empty()).then(|| Instant::now() + RETRY);
    for slot in cold {
        let (pool, held) = (Arc::clone(pool), Held::new(pool, slot));
        pool.clone().spawn(async move {
            let _warming = Counting::among(&pool.warming);
            match fill(&pool, held).await {
                Ok(slot) => pool.release(slot),
                Err(error) => tracing::warn!(%error, "no connection to keep warm"),
            }
        });
    }
    pool.due().into_iter().chain(retry).min()
}

async fn keep_alive<DB: Backend>(pool: &Pool<DB>, mut held: Held<DB>) {
    if let Some(mut idle) = held.idle.take() {
        let seat = held.seat.take();
        if validate(pool, &mut idle).await {
            (held.idle, held.seat) = (Some(idle), seat);
        } else {
            retire(pool, idle.link, seat);
        }
    }
}

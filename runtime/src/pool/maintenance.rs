use std::sync::{Arc, Weak};

use tokio::time::{Instant, timeout_at};

use super::Pool;
use crate::Backend;
use crate::error::Revocation;

impl<DB: Backend> Pool<DB> {
    /// Starts the one background task of a pool: it closes connections that are idle for too long,
    /// asks those that are silent for a sign of life, keeps `min_idle` of them, and revokes leases
    /// that nobody polls any more. It sleeps until something is due. It ends with the pool, or with
    /// the runtime it is in: then the next lease starts it again, in its own.
    pub(crate) fn ensure_maintained(self: &Arc<Self>) {
        if self.state().start_maintenance() {
            self.start_maintenance();
        }
    }

    pub(super) fn start_maintenance(self: &Arc<Self>) {
        self.spawn(maintain(Maintained(Arc::downgrade(self))));
    }

    /// Does what is due, and says when there is more. `None` once there can be no more.
    fn maintain(self: &Arc<Self>) -> Option<Option<Instant>> {
        let revoke_after = self.settings.revoke_after();
        for lease in self.revoke(Revocation::Unpolled, |open| open.since.elapsed() >= revoke_after)
        {
            tracing::warn!(site = %lease.site, "lease revoked: nothing polls it any more");
        }
        let now = Instant::now();
        self.update(|state| {
            state.maintain(now);
            let over = state.is_closed() && state.leased() == 0;
            (!over).then(|| state.next_due(now))
        })
    }
}

/// A pool that has a maintenance task for as long as this lives.
struct Maintained<DB: Backend>(Weak<Pool<DB>>);

impl<DB: Backend> Drop for Maintained<DB> {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.state().maintenance_ended();
        }
    }
}

async fn maintain<DB: Backend>(maintained: Maintained<DB>) {
    loop {
        let Some(pool) = maintained.0.upgrade() else { return };
        let Some(due) = pool.maintain() else { return };
        let woken = Arc::clone(&pool.maintenance);
        drop(pool);
        match due {
            None => woken.notified().await,
            Some(due) => {
                let _ = timeout_at(due, woken.notified()).await;
            }
        }
    }
}

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use super::{OpenLease, Pool};
use crate::Backend;
use crate::error::Revocation;

impl<DB: Backend> Pool<DB> {
    /// Starts the one background task of a pool: it closes connections that are idle for too long,
    /// asks those that are silent for a sign of life, keeps `min_idle` of them, and revokes leases
    /// that nobody polls any more, sooner if somebody waits. It sleeps until something is due. It ends with the pool, or with
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
    fn maintain(self: &Arc<Self>, punctual_for: Duration) -> Option<Option<Instant>> {
        self.find_stalled(punctual_for);
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

/// Leases that nobody polls, though they are not overdue.
impl<DB: Backend> Pool<DB> {
    /// Reports stalled leases, and revokes them if somebody waits. `punctual_for` says for how long this
    /// task was polled on time: in a runtime that is late for everybody, healthy leases are not polled
    /// either.
    fn find_stalled(self: &Arc<Self>, punctual_for: Duration) {
        let Some(limit) = self.settings.stall_timeout.filter(|limit| *limit <= punctual_for) else {
            return;
        };
        let (now, here) = (Instant::now(), Handle::current().id());
        let is_stalled = |lease: &OpenLease<DB>| {
            // Of other runtimes, this task knows nothing.
            lease.runtime == here
                && lease.polls.unpolled_for(now).is_some_and(|unpolled| unpolled >= limit)
        };
        self.report_stalled(is_stalled);
        for holder in self.revoke_stalled(is_stalled) {
            tracing::warn!(site = %holder.site, "stalled lease revoked: others wait for its connection");
        }
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
    let mut punctual_since = Instant::now();
    loop {
        let Some(pool) = maintained.0.upgrade() else { return };
        let Some(due) = pool.maintain(punctual_since.elapsed()) else { return };
        let woken = Arc::clone(&pool.maintenance);
        let slack = pool.settings.stall_check();
        drop(pool);
        let began = match due {
            None => {
                woken.notified().await;
                // Nobody looked meanwhile.
                punctual_since = Instant::now();
                punctual_since
            }
            Some(due) => match timeout_at(due, woken.notified()).await {
                Ok(()) => Instant::now(),
                Err(_) => due,
            },
        };
        // Behind all that is ready to run.
        yield_now().await;
        let now = Instant::now();
        if slack.is_some_and(|slack| now - began >= slack) {
            punctual_since = now;
        }
    }
}

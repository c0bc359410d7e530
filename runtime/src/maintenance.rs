use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::Backend;
use crate::pool::Pool;

/// Starts the one background task of a pool: it closes what is idle for too long and revokes leases
/// that nobody polls any more. It ends with the pool.
pub(crate) fn start<DB: Backend>(pool: &Arc<Pool<DB>>) {
    let settings = &pool.settings;
    let shortest = settings.max_lease.min(settings.idle_timeout).min(settings.max_lifetime);
    let period = (shortest / 4).clamp(Duration::from_millis(10), Duration::from_millis(250));
    tokio::spawn(maintain(Arc::downgrade(pool), period));
}

async fn maintain<DB: Backend>(pool: Weak<Pool<DB>>, period: Duration) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        pool.reap();
        // A lease that is still polled cuts itself at `max_lease`.
        let overdue = pool.settings.max_lease + period;
        for log in pool.revoke(|log| log.since.elapsed() > overdue) {
            tracing::warn!(site = %log.site, "lease revoked: nothing polls it any more");
        }
    }
}

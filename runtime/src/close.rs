use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use crate::error::Revocation;
use crate::holder::LeaseInfo;
use crate::pool::Pool;
use crate::recovery::RECOVERY;
use crate::{Backend, Db};

/// The result of [`Db::close`]: what did not end by itself.
#[derive(Clone, Debug, Default)]
#[must_use = "leases may have been revoked"]
#[non_exhaustive]
pub struct CloseReport {
    /// The leases that were still open at the deadline, longest first. What they had not committed
    /// was rolled back.
    pub revoked: Vec<LeaseInfo>,
    /// The reasons of the [`dedicated`](Db::dedicated) connections that are still open. They are
    /// outside of the pool, and end where they are dropped.
    pub dedicated: Vec<&'static str>,
}

impl<DB: Backend> Db<DB> {
    /// Refuses new leases at once with [`Error::Closed`](crate::Error::Closed), waits until the open
    /// ones have ended, or for `deadline`, revokes the rest, and closes every connection.
    ///
    /// It may be called more than once, and at the same time: each call returns when every lease has
    /// ended and its connection is closed, and reports what it revoked itself. Where the server does not
    /// answer, it gives up on the goodbyes 5 s after the deadline.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the deadline, nothing is revoked; new leases are refused all the same.
    pub async fn close(&self, deadline: Duration) -> CloseReport {
        let pool = &self.pool;
        pool.close();
        let revoked = match timeout(deadline, emptied(pool)).await {
            Ok(()) => Vec::new(),
            Err(_) => pool.revoke(Revocation::Closed, |_| true),
        };
        for holder in &revoked {
            tracing::warn!(site = %holder.site, age = ?holder.age, "lease revoked by close");
        }
        // Each connection gives its seat back when it is gone.
        let seats = u32::try_from(pool.settings.sessions()).unwrap_or(u32::MAX);
        let _ = timeout(RECOVERY, pool.seats.acquire_many(seats)).await;
        let dedicated = pool.dedicated.lock().unwrap_or_else(PoisonError::into_inner).clone();
        CloseReport { revoked, dedicated }
    }
}

async fn emptied<DB: Backend>(pool: &Arc<Pool<DB>>) {
    loop {
        // Before the look: what leaves after it is heard.
        let left = pool.left.notified();
        if pool.used() == 0 {
            return;
        }
        left.await;
    }
}

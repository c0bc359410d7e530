use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::Pool;
use super::recovery::RECOVERY;
use crate::Backend;
use crate::error::Revocation;
use crate::holder::LeaseInfo;

/// The result of [`Db::close`](crate::Db::close): what did not end by itself.
#[derive(Clone, Debug, Default)]
#[must_use = "leases may have been revoked"]
#[non_exhaustive]
pub struct CloseReport {
    /// The leases that were still open at the deadline, longest first. What they had not committed
    /// was rolled back.
    pub revoked: Vec<LeaseInfo>,
    /// The reasons of the [`dedicated`](crate::Db::dedicated) connections that are still open. They are
    /// outside of the pool, and end where they are dropped.
    pub dedicated: Vec<&'static str>,
}

impl<DB: Backend> Pool<DB> {
    /// Refuses new leases, waits for the open ones until the deadline, revokes the rest, and closes
    /// every connection.
    pub(crate) async fn close(self: &Arc<Self>, deadline: Duration) -> CloseReport {
        self.update(|state| state.close());
        let revoked = match timeout(deadline, self.all_ended()).await {
            Ok(()) => Vec::new(),
            Err(_) => self.revoke(Revocation::Closed, |_| true),
        };
        for holder in &revoked {
            tracing::warn!(site = %holder.site, age = ?holder.age, "lease revoked by close");
        }
        // Each connection gives its permit back when it is gone.
        let sessions = u32::try_from(self.settings.sessions()).unwrap_or(u32::MAX);
        let _ = timeout(RECOVERY, self.sessions.acquire_many(sessions)).await;
        let dedicated = self.dedicated.lock().unwrap_or_else(PoisonError::into_inner).clone();
        CloseReport { revoked, dedicated }
    }

    async fn all_ended(&self) {
        loop {
            // Before the look: an end after it is heard.
            let ended = self.lease_ended.notified();
            if self.used() == 0 {
                return;
            }
            ended.await;
        }
    }
}

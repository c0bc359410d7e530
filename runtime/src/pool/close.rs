use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::Pool;
use super::recovery::RECOVERY;
use crate::Backend;
use crate::error::Revocation;
use crate::lease_info::LeaseInfo;

impl<DB: Backend> Pool<DB> {
    /// Refuses new leases, waits for the open ones within the limit, revokes the rest, and closes
    /// every connection. Returns the leases that it revoked.
    pub(crate) async fn close(self: &Arc<Self>, limit: Duration) -> Vec<LeaseInfo> {
        self.update(|state| state.close());
        self.closing.notify_waiters();
        let revoked = match timeout(limit, self.all_ended()).await {
            Ok(()) => Vec::new(),
            Err(_) => self.revoke(Revocation::Closed, |_| true),
        };
        for lease in &revoked {
            tracing::warn!(site = %lease.site, age = ?lease.age, "lease revoked by close");
        }
        // Each connection gives its permit back when it is gone.
        let sessions = self.settings.sessions();
        if let Ok(Ok(_)) = timeout(RECOVERY, self.session_permits.acquire_many(sessions)).await {
            // Nobody is to wait for another one.
            self.session_permits.close();
        }
        revoked
    }

    /// Waits until the pool is closed.
    #[cfg(feature = "postgres")]
    pub(crate) async fn closed(&self) {
        // Made before the look, so that it hears a close after it.
        let closing = self.closing.notified();
        if !self.is_closed() {
            closing.await;
        }
    }

    async fn all_ended(&self) {
        loop {
            // Made before the look, so that it hears an end after it.
            let ended = self.lease_ended.notified();
            if self.state().leased() == 0 {
                return;
            }
            ended.await;
        }
    }
}

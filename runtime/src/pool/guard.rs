use std::sync::Arc;

use tokio::time::Instant;

use super::queue::Tenant;
use super::slot::{Clean, LeaseId, LiveConn, SlotId};
use super::{OpenLease, Pool};
use crate::{Backend, Error};

/// A slot on its way through a checkout or a task. One that is dropped, by a panic or with its
/// runtime, gives the slot back without a connection.
pub(crate) struct SlotGuard<DB: Backend> {
    pool: Arc<Pool<DB>>,
    slot: Option<SlotId>,
}

impl<DB: Backend> SlotGuard<DB> {
    pub(super) fn new(pool: &Arc<Pool<DB>>, slot: SlotId) -> Self {
        SlotGuard { pool: Arc::clone(pool), slot: Some(slot) }
    }

    pub(super) fn pool(&self) -> &Arc<Pool<DB>> {
        &self.pool
    }

    /// Gives the slot back, with a connection or without.
    pub(super) fn put_back(mut self, connection: Option<Clean<LiveConn<DB>>>) {
        self.give_back(connection);
    }

    /// Gives the slot back with the error of its connect. Returns it if nobody waits for it.
    pub(super) fn fail(mut self, error: Error) -> Option<Error> {
        let slot = self.slot.take()?;
        self.pool.update(|state| state.connect_failed(slot, error, Instant::now()))
    }

    /// Makes a lease of what was checked out.
    ///
    /// # Errors
    ///
    /// Returns the lease if the pool was closed meanwhile.
    pub(crate) fn open_lease(
        mut self,
        tenant: Tenant,
        since: Instant,
        lease: OpenLease<DB>,
    ) -> Result<LeaseId, OpenLease<DB>> {
        let Some(slot) = self.slot else { return Err(lease) };
        let opened = self.pool.update(|state| state.open_lease(slot, tenant, since, lease));
        if opened.is_ok() {
            self.slot = None;
        }
        opened
    }

    fn give_back(&mut self, connection: Option<Clean<LiveConn<DB>>>) {
        if let Some(slot) = self.slot.take() {
            self.pool.update(|state| state.put_back(slot, connection, Instant::now()));
        }
    }
}

impl<DB: Backend> Drop for SlotGuard<DB> {
    fn drop(&mut self) {
        self.give_back(None);
    }
}

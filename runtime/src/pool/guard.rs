use std::sync::Arc;

use tokio::time::Instant;

use super::slot::{Clean, LeaseId, LiveConn, SlotId};
use super::state::ConnectFailure;
use super::{OpenLease, Pool};
use crate::lease_info::Tenant;
use crate::{Backend, Error};

/// A slot on its way through a checkout or a task. One that is dropped, by a panic or with its
/// runtime, gives the slot back without a connection.
pub(crate) struct SlotGuard<DB: Backend> {
    pool: Arc<Pool<DB>>,
    slot: SlotId,
    /// The slot was not given back yet.
    held: bool,
}

impl<DB: Backend> SlotGuard<DB> {
    pub(super) fn new(pool: &Arc<Pool<DB>>, slot: SlotId) -> Self {
        SlotGuard { pool: Arc::clone(pool), slot, held: true }
    }

    pub(super) fn pool(&self) -> &Arc<Pool<DB>> {
        &self.pool
    }

    /// Gives the slot back, with a connection or without.
    pub(super) fn put_back(mut self, connection: Option<Clean<LiveConn<DB>>>) {
        self.give_back(connection);
    }

    /// Gives the slot back with the error of its connect. Returns it if nobody waits for it.
    pub(super) fn fail(mut self, failure: ConnectFailure<Error>) -> Option<Error> {
        self.held = false;
        self.pool.update(|state| state.connect_failed(self.slot, failure, Instant::now()))
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
        let opened = self.pool.update(|state| state.open_lease(self.slot, tenant, since, lease));
        self.held = opened.is_err();
        opened
    }

    fn give_back(&mut self, connection: Option<Clean<LiveConn<DB>>>) {
        if std::mem::replace(&mut self.held, false) {
            self.pool.update(|state| state.put_back(self.slot, connection, Instant::now()));
        }
    }
}

impl<DB: Backend> Drop for SlotGuard<DB> {
    fn drop(&mut self) {
        self.give_back(None);
    }
}

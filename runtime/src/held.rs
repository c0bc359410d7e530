use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::Backend;
use crate::pool::{Pool, Slot};

const TAKEN: &str = "held until it is taken";

/// A slot on its way through a task: one that ends with its runtime, or in a panic, passes it on.
pub(crate) struct Held<DB: Backend> {
    pool: Arc<Pool<DB>>,
    slot: Option<Slot<DB>>,
}

impl<DB: Backend> Held<DB> {
    pub(crate) fn new(pool: &Arc<Pool<DB>>, slot: Slot<DB>) -> Self {
        Held { pool: Arc::clone(pool), slot: Some(slot) }
    }

    pub(crate) fn take(mut self) -> Slot<DB> {
        self.slot.take().expect(TAKEN)
    }
}

impl<DB: Backend> Deref for Held<DB> {
    type Target = Slot<DB>;

    fn deref(&self) -> &Slot<DB> {
        self.slot.as_ref().expect(TAKEN)
    }
}

impl<DB: Backend> DerefMut for Held<DB> {
    fn deref_mut(&mut self) -> &mut Slot<DB> {
        self.slot.as_mut().expect(TAKEN)
    }
}

impl<DB: Backend> Drop for Held<DB> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.pool.release(slot);
        }
    }
}

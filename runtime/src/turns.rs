use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::counting::Counting;

/// Where a database has one writer, transactions take turns before they take connections: who waits
/// for the writer with a connection keeps it from those who only read.
pub(crate) struct Turns {
    one: Arc<Semaphore>,
    waiting: AtomicUsize,
}

pub(crate) type Turn = OwnedSemaphorePermit;

impl Turns {
    pub(crate) fn new() -> Self {
        Turns { one: Arc::new(Semaphore::new(1)), waiting: AtomicUsize::new(0) }
    }

    /// A turn, if it is nobody's now.
    pub(crate) fn at_once(&self) -> Option<Turn> {
        Arc::clone(&self.one).try_acquire_owned().ok()
    }

    /// In the order of asking; `None` where the pool is closed.
    ///
    /// # Cancel safety
    ///
    /// Safe: a place among those who wait is given up.
    pub(crate) async fn next(&self) -> Option<Turn> {
        let _waiting = Counting::among(&self.waiting);
        Arc::clone(&self.one).acquire_owned().await.ok()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(crate) fn close(&self) {
        self.one.close();
    }
}

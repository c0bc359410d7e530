use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// In `woken`, if the lease was polled since its waker fired.
const POLLED: u64 = u64::MAX;

/// Tells a lease that waits on the database from one that nobody polls: in a lease everything waits on the
/// database, so once the waker has fired, only the task that polls it keeps it waiting.
#[derive(Debug)]
pub(crate) struct PollWatch {
    epoch: Instant,
    /// When the waker fired, in nanoseconds after `epoch`.
    woken: AtomicU64,
    task: AtomicWaker,
}

impl PollWatch {
    /// Returns for how long nobody has polled the lease although its waker has fired.
    pub(crate) fn unpolled_for(&self, now: Instant) -> Option<Duration> {
        match self.woken.load(Ordering::Acquire) {
            POLLED => None,
            nanos => Some(now.saturating_duration_since(self.epoch + Duration::from_nanos(nanos))),
        }
    }

    fn note_poll(&self, task: &Waker) {
        self.task.register(task);
        // After that: whoever was woken before it polls again.
        self.woken.store(POLLED, Ordering::Release);
    }
}

impl Wake for PollWatch {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let nanos = u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(POLLED - 1);
        // The first one counts.
        let _ = self.woken.compare_exchange(POLLED, nanos, Ordering::AcqRel, Ordering::Relaxed);
        self.task.wake();
    }
}

/// The side of a lease's future: polls with a waker that takes note of when it fires.
#[derive(Debug)]
pub(crate) struct WatchedPolls {
    watch: Arc<PollWatch>,
    waker: Waker,
}

impl WatchedPolls {
    pub(crate) fn new() -> Self {
        let watch = PollWatch {
            epoch: Instant::now(),
            woken: AtomicU64::new(POLLED),
            task: AtomicWaker::new(),
        };
        let watch = Arc::new(watch);
        WatchedPolls { waker: Waker::from(Arc::clone(&watch)), watch }
    }

    pub(crate) fn watch(&self) -> &Arc<PollWatch> {
        &self.watch
    }

    /// Takes note of a poll. Returns the context to poll with.
    pub(crate) fn polled_with(&self, task: &Context<'_>) -> Context<'_> {
        self.watch.note_poll(task.waker());
        Context::from_waker(&self.waker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_waker_that_has_fired_counts() {
        let polls = WatchedPolls::new();
        let task = Context::from_waker(Waker::noop());
        let later = Instant::now() + Duration::from_secs(10);
        let waker = polls.polled_with(&task).waker().clone();
        assert_eq!(polls.watch().unpolled_for(later), None);
        waker.wake_by_ref();
        let unpolled_for = polls.watch().unpolled_for(later);
        assert!(unpolled_for.is_some_and(|unpolled| unpolled > Duration::from_secs(9)));
        // The second wake changes nothing.
        waker.wake_by_ref();
        assert_eq!(polls.watch().unpolled_for(later), unpolled_for);
        let _ = polls.polled_with(&task);
        assert_eq!(polls.watch().unpolled_for(later), None);
    }
}

//! The longest time that one connection was held.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use shortlease::{Db, Sqlite};

/// Measured exactly, from taking a connection to giving it back.
#[derive(Default)]
pub(crate) struct Longest {
    nanos: AtomicU64,
}

pub(crate) struct Hold<'a> {
    longest: &'a Longest,
    since: Instant,
}

impl Longest {
    pub(crate) fn begin(&self) -> Hold<'_> {
        Hold { longest: self, since: Instant::now() }
    }

    pub(crate) fn get(&self) -> Duration {
        Duration::from_nanos(self.nanos.load(Ordering::Relaxed))
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let nanos = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.longest.nanos.fetch_max(nanos, Ordering::Relaxed);
    }
}

/// Observed from outside, so that the handler stays as it is: `Db::leases` says who holds what now.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Watch {
    pub(crate) fn start(db: Db<Sqlite>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut longest = Duration::ZERO;
            let (mut oldest, mut seen_at) = (Duration::ZERO, Instant::now());
            while !stopped.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(1));
                // A lease may have lasted until just now: an upper bound, then.
                longest = longest.max(oldest + seen_at.elapsed());
                seen_at = Instant::now();
                oldest = db.leases().first().map_or(Duration::ZERO, |holder| holder.age);
            }
            longest
        });
        Watch { stop, thread }
    }

    pub(crate) fn longest(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("watching does not panic")
    }
}

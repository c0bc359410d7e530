//! What lies in the pool and nobody uses.

use std::sync::atomic::Ordering;
use std::time::Instant;

use deadpool::managed::Object;

use super::Pool;
use super::place::{Idle, Link, Seat, Slot};
use crate::Backend;
use crate::recovery::retire;

impl<DB: Backend> Pool<DB> {
    /// Puts a connection into a free place without one.
    pub(crate) fn adopt(&self, link: Link<DB>, seat: Option<Seat>) {
        let mut adopted = Some((link, seat));
        // Under the lock: nobody queues up meanwhile.
        let shared = self.shared();
        if !shared.closed {
            self.rouse();
            self.sift(|mut slot| {
                if slot.idle.is_none()
                    && let Some((link, seat)) = adopted.take()
                {
                    slot.idle.insert(Idle::new(link, Instant::now())).count(&self.telemetry);
                    slot.seat = seat;
                }
                Some(slot)
            });
        }
        drop(shared);
        if let Some((link, seat)) = adopted {
            retire(self, link, seat);
        }
    }

    /// The idle connections that are past their time leave the pool, others that have been silent
    /// for too long are returned in their slots, to be asked for a sign of life.
    pub(crate) fn weed(&self) -> Vec<Slot<DB>> {
        let now = Instant::now();
        let settings = &self.settings;
        let (mut spent, mut silent) = (Vec::new(), Vec::new());
        let mut idle_after = 0;
        let shared = self.shared();
        self.sift(|mut slot| {
            let Some(idle) = &slot.idle else { return Some(slot) };
            let unused = now >= idle.unused_at(settings);
            if now >= idle.link.retire_at || unused && idle_after >= settings.min_idle {
                let seat = slot.seat.take();
                spent.extend(slot.idle.take().map(|idle| (idle.link, seat)));
                drop(Object::take(slot));
                return None;
            }
            idle_after += 1;
            if idle.silent_at(settings).is_some_and(|at| now >= at) {
                silent.push(slot);
                return None;
            }
            Some(slot)
        });
        drop(shared);
        for (link, seat) in spent {
            retire(self, link, seat);
        }
        silent
    }

    /// Empty places to warm up.
    pub(crate) fn cold(&self) -> Vec<Slot<DB>> {
        let mut cold = Vec::new();
        let shared = self.shared();
        if shared.closed {
            return cold;
        }
        let mut warm = Vec::new();
        while let Some(slot) = self.try_slot() {
            if slot.idle.is_some() {
                warm.push(slot);
            } else if warm.len() + cold.len() < self.settings.min_idle {
                cold.push(slot);
            } else {
                drop(Object::take(slot));
                break;
            }
        }
        warm.into_iter().rev().for_each(drop);
        cold
    }

    /// When the maintenance task has something to do next; `None` where only a lease can bring it
    /// work, whose opening rings the bell.
    pub(crate) fn due(&self) -> Option<Instant> {
        let now = Instant::now();
        let settings = &self.settings;
        let mut due = Vec::new();
        let mut shared = self.shared();
        shared.looks_at.take_if(|at| *at <= tokio::time::Instant::now());
        let looks_at = shared.looks_at.map(tokio::time::Instant::into_std);
        due.extend(shared.open.logs().map(|log| log.since + settings.revoke_after()));
        due.extend(shared.served.iter().filter_map(|waiter| waiter.lapses_at()));
        self.sift(|slot| {
            if let Some(idle) = &slot.idle {
                due.push(idle.link.retire_at);
                // One past it is kept for `min_idle`.
                due.extend(Some(idle.unused_at(settings)).filter(|at| *at > now));
                due.extend(idle.silent_at(settings));
            }
            Some(slot)
        });
        if due.is_empty() {
            self.resting.store(true, Ordering::Release);
            return looks_at;
        }
        // What begins after this look is due no sooner than this.
        due.push(now + settings.revoke_after().min(settings.idle_period()));
        due.into_iter().chain(looks_at).min()
    }

    /// Shows every free place, those with a connection first, the last used first, and one without.
    /// Those that are not returned stay out. To be called under the lock.
    pub(super) fn sift(&self, mut keep: impl FnMut(Slot<DB>) -> Option<Slot<DB>>) {
        let mut kept = Vec::new();
        while let Some(slot) = self.try_slot() {
            let last = slot.idle.is_none();
            kept.extend(keep(slot));
            if last {
                break;
            }
        }
        for slot in kept.into_iter().rev() {
            match slot.idle {
                Some(_) => drop(slot),
                None => drop(Object::take(slot)),
            }
        }
    }
}

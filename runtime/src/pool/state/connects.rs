//! Connects: those that waiters need, and what follows if they fail.

use std::time::Duration;

use tokio::time::Instant;

use super::{ConnectFailure, ConnectFault, Effect, PoolState};
use crate::pool::queue::{Answer, Refusal};
use crate::pool::slot::{Clean, MayAnswer, Slot, SlotId};

impl<C: MayAnswer, L, E> PoolState<C, L, E> {
    /// Gives back a slot that a task or a checkout has, with a clean connection or without one.
    pub(in crate::pool) fn put_back(
        &mut self,
        slot: SlotId,
        connection: Option<Clean<C>>,
        now: Instant,
    ) {
        if let (Slot::Connecting { began, .. }, Some(connection)) =
            (&self.slots[slot.0], &connection)
            && connection.lifetime.made_at >= *began
        {
            self.connect_fault = None;
        }
        self.vacate(slot);
        match connection {
            Some(connection) => self.fill(slot, connection),
            None => self.empty_slot(slot),
        }
        self.serve(now);
    }

    /// Gives back a slot whose connect failed. If to try again is of no use, the first who waited when
    /// it began is told; for those who came later, another begins. Otherwise all go on waiting. Returns
    /// the error if there is nobody to tell.
    pub(in crate::pool) fn connect_failed(
        &mut self,
        slot: SlotId,
        failure: ConnectFailure<E>,
        now: Instant,
    ) -> Option<E> {
        let Slot::Connecting { began, .. } = self.slots[slot.0] else {
            unreachable!("given out to connect")
        };
        self.vacate(slot);
        self.empty_slot(slot);
        let error = match failure {
            ConnectFailure::Final(error) => error,
            ConnectFailure::Passing(error, pause) => {
                self.record_fault(error, began, now, pause);
                self.serve(now);
                return None;
            }
        };
        let untold = match self.queue.first_before(began, self.writer.is_none(), now) {
            Some(first) => {
                let refused = Answer::Refused(Refusal::ConnectFailed(error));
                let waker = self.queue.answer(first, refused);
                self.effects.extend(waker.map(Effect::Wake));
                None
            }
            None => Some(error),
        };
        self.serve(now);
        untold
    }

    fn record_fault(&mut self, error: E, began: Instant, now: Instant, pause: Duration) {
        let before = self.connect_fault.take();
        let (since, failures) = match before {
            // Of connects that were under way together, one counts.
            Some(fault) if began < fault.since => (fault.since, fault.failures),
            Some(fault) => (now, fault.failures.saturating_add(1)),
            None => (now, 1),
        };
        self.connect_fault = Some(ConnectFault { error, since, failures, retry_at: now + pause });
        self.effects.push(Effect::WakeMaintenance);
    }

    /// Counts the connects that have failed one after the other.
    pub(in crate::pool) fn connect_failures(&self) -> u32 {
        self.connect_fault.as_ref().map_or(0, |fault| fault.failures)
    }

    /// The last reason why connects fail, if they do.
    pub(in crate::pool) fn connect_error(&self) -> Option<&E> {
        self.connect_fault.as_ref().map(|fault| &fault.error)
    }

    /// Counts the connects that those who wait need, and for which there are slots.
    pub(super) fn lacks_connects(&self, now: Instant) -> usize {
        let unused = self.empty.len() + self.limits.max_connections - self.slots.len();
        let new = match self.connect_fault {
            None => unused,
            Some(_) => unused.min(usize::from(self.may_connect(now))),
        };
        let free = self.idle.len() + new;
        if free == 0 || self.queue.is_empty() {
            return 0;
        }
        let demand = self.queue.demand(self.writer.is_none(), now);
        demand.saturating_sub(self.connecting).min(free)
    }

    /// Returns `true` if a new connection may be made now. While connects fail, one is made at a time.
    pub(super) fn may_connect(&self, now: Instant) -> bool {
        let is_new = |slot: &Slot<C, L>| matches!(slot, Slot::Connecting { validates: false, .. });
        match &self.connect_fault {
            None => true,
            Some(fault) => now >= fault.retry_at && !self.slots.iter().any(is_new),
        }
    }

    pub(super) fn start_connects(&mut self, now: Instant) {
        for _ in 0..self.lacks_connects(now) {
            match self.idle.pop() {
                Some(slot) => {
                    let idle = self.take_idle(slot, Slot::Empty);
                    self.connect(slot, Some(idle), now);
                }
                None => {
                    let Some(slot) = self.free_slot() else { return };
                    self.connect(slot, None, now);
                }
            }
        }
    }

    pub(super) fn connect(&mut self, slot: SlotId, idle: Option<Clean<C>>, now: Instant) {
        self.slots[slot.0] = Slot::Connecting { began: now, validates: idle.is_some() };
        self.connecting += 1;
        self.effects.push(Effect::Connect { slot, idle });
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Poll, Waker};

    use super::super::overload::{busy_pool, new_connection};
    use super::*;
    use crate::pool::queue::SlotRequest;

    const HOUR: Duration = Duration::from_secs(3600);
    const PAUSE: Duration = Duration::from_millis(10);

    /// A pool of one connection, whose connects have failed for as long as that was in use.
    #[test]
    fn a_connection_that_was_made_anew_ends_a_fault_and_one_that_answers_does_not() {
        for made_anew in [false, true] {
            let start = Instant::now();
            let (mut pool, slot) = busy_pool(None, start);
            pool.record_fault((), start, start, PAUSE);
            let mut old = new_connection(start);
            old.lifetime.retire_at = start + 3 * HOUR;
            pool.put_back(slot, Some(old.clone()), start);
            assert!(pool.connect_error().is_some());

            // It has been silent for long, and is asked for a sign of life.
            let later = start + 2 * HOUR;
            let deadline = later + HOUR;
            let request = SlotRequest {
                tenant: None,
                writes: false,
                has_begun: false,
                since: later,
                deadline,
            };
            let waiter = pool.enqueue(request, later).expect("an open pool");
            assert!(pool.poll(waiter, Waker::noop(), later).is_pending());
            assert!(matches!(pool.slots[slot.0], Slot::Connecting { validates: true, .. }));
            old.answered(later);
            let connection = if made_anew { new_connection(later) } else { old };
            pool.put_back(slot, Some(connection), later);
            assert!(matches!(pool.poll(waiter, Waker::noop(), later), Poll::Ready(Ok(_))));
            assert_eq!(pool.connect_error().is_none(), made_anew);
        }
    }
}

//! Checkout: who waits for a connection, and who is offered one.

use std::mem;
use std::task::{Poll, Waker};

use tokio::time::Instant;

use super::{Effect, Granted, PoolState, WaitingFor};
use crate::pool::queue::{Answer, Refusal, SlotRequest, WaiterId};
use crate::pool::slot::{Clean, MayAnswer, Slot, SlotId};

impl<C: MayAnswer, L, E> PoolState<C, L, E> {
    /// Takes an idle connection if there is one that can be used as it is.
    pub(in crate::pool) fn check_out_now(
        &mut self,
        writes: bool,
        now: Instant,
    ) -> Option<(SlotId, Clean<C>)> {
        if self.closed || writes && self.writer.is_some() {
            return None;
        }
        let slot = self.usable_idle(None, now)?;
        self.idle.pop();
        let connection = self.take_idle(slot, Slot::CheckedOut);
        if writes {
            self.writer = Some(slot);
        }
        Some((slot, connection))
    }

    /// Lines up for a connection. Its future calls [`poll`](Self::poll) then.
    pub(in crate::pool) fn enqueue(
        &mut self,
        request: SlotRequest,
        now: Instant,
    ) -> Option<WaiterId> {
        if self.closed {
            return None;
        }
        let id = self.queue.push(request);
        self.look_by(self.next_overdue());
        if self.connect_fault.is_some() {
            self.effects.push(Effect::WakeMaintenance);
        }
        self.offer(now);
        Some(id)
    }

    /// Asks for the answer to a waiter, and begins the connects that waiters need: it is polled, so
    /// the runtime at hand is alive.
    pub(in crate::pool) fn poll(
        &mut self,
        id: WaiterId,
        waker: &Waker,
        now: Instant,
    ) -> Poll<Granted<C, E>> {
        if let Some(answer) = self.queue.take_answer(id) {
            return Poll::Ready(self.claim(answer));
        }
        if self.queue.listen(id, waker) {
            self.offer(now);
        }
        self.start_connects(now);
        match self.queue.take_answer(id) {
            Some(answer) => Poll::Ready(self.claim(answer)),
            None => Poll::Pending,
        }
    }

    fn claim(&mut self, answer: Answer<E>) -> Granted<C, E> {
        let slot = match answer {
            Answer::Refused(refusal) => return Err(refusal),
            Answer::Slot(slot) => slot,
        };
        match mem::replace(&mut self.slots[slot.0], Slot::CheckedOut) {
            Slot::Offered { connection, .. } => Ok((slot, connection)),
            _ => unreachable!("offered to this waiter"),
        }
    }

    /// A waiter gives up.
    pub(in crate::pool) fn leave(&mut self, id: WaiterId, now: Instant) {
        if let Some(slot) = self.queue.remove(id) {
            self.withdraw(slot);
        }
        self.serve(now);
    }

    pub(in crate::pool) fn waiting_for(&self, id: WaiterId, writes: bool) -> WaitingFor {
        let validates =
            |slot: &Slot<C, L>| matches!(slot, Slot::Connecting { validates: true, .. });
        match self.queue.position(id) {
            Some(_) if writes && self.writer.is_some() => WaitingFor::PermitToWrite,
            Some(position) if position < self.connecting => {
                match self.slots.iter().any(validates) {
                    true => WaitingFor::Validation,
                    false => WaitingFor::Connect,
                }
            }
            _ => WaitingFor::Slot,
        }
    }

    /// Restores what holds between transitions.
    pub(super) fn serve(&mut self, now: Instant) {
        self.offer(now);
        if self.lacks_connects(now) > 0
            && let Some(next) = self.next_waiter(now)
            && let Some(waker) = self.queue.waker(next)
        {
            // It begins the connects that are missing, in its own runtime.
            self.effects.push(Effect::Wake(waker));
            self.check_unclaimed(now);
        }
    }

    /// Offers usable connections to those whose turn it is.
    fn offer(&mut self, now: Instant) {
        self.shed(now);
        while let Some(next) = self.next_waiter(now) {
            let &SlotRequest { since, writes, .. } = self.queue.request(next);
            let Some(slot) = self.usable_idle(Some(since), now) else { break };
            self.idle.pop();
            let connection = self.take_idle(slot, Slot::Empty);
            self.slots[slot.0] = Slot::Offered { connection, at: now };
            if writes {
                self.writer = Some(slot);
            }
            let waker = self.queue.answer(next, Answer::Slot(slot));
            self.effects.extend(waker.map(Effect::Wake));
            self.check_unclaimed(now);
        }
        if !self.limits.keeps_idle {
            self.evict_idle();
        }
    }

    /// Refuses those that have waited too long to begin: whoever stands behind them would wait as long, and be served
    /// when its client has given up. Who came last is served in time.
    fn shed(&mut self, now: Instant) {
        let Some(target) = self.limits.queue_target else { return };
        while let Some(overdue) = self.queue.overdue(target, now) {
            let by_writers = self.queue.request(overdue).writes && self.writer.is_some();
            let refusal = Refusal::Overloaded { by_writers };
            let waker = self.queue.answer(overdue, Answer::Refused(refusal));
            self.effects.extend(waker.map(Effect::Wake));
        }
    }

    fn next_waiter(&self, now: Instant) -> Option<usize> {
        if self.queue.is_empty() {
            return None;
        }
        let leased = self.slots.iter().filter_map(|slot| match slot {
            Slot::Leased(open) => Some(&open.tenant),
            _ => None,
        });
        self.queue.next(leased, self.writer.is_none(), now)
    }

    /// The idle slot that is used next, if its connection can be used as it is: it has answered lately,
    /// or while somebody has waited `since` then. Connections past their lifetime are let go.
    fn usable_idle(&mut self, since: Option<Instant>, now: Instant) -> Option<SlotId> {
        while let Some(&slot) = self.idle.last() {
            let Slot::Idle(idle) = &self.slots[slot.0] else { unreachable!("listed as idle") };
            // It may be past its lifetime already, and still is the newest to be had.
            let answered = since.is_some_and(|since| idle.last_checked >= since);
            let expired = now >= idle.lifetime.retire_at;
            let fresh = now < idle.last_checked + self.limits.validate_after;
            if answered || !expired {
                let usable = (answered || fresh) && idle.conn.may_answer();
                return usable.then_some(slot);
            }
            self.idle.pop();
            self.evict(slot);
        }
        None
    }
}

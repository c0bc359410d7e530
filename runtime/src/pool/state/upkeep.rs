//! Upkeep: idle connections past their time, slots that nobody comes for, `min_idle`.

use std::time::Duration;

use tokio::time::Instant;

use super::{Effect, Limits, Maintenance, PoolState, UNCLAIMED};
use crate::pool::slot::{MayAnswer, Slot, SlotId};

/// The time between two tries to keep connections idle.
const KEEP_IDLE_AGAIN: Duration = Duration::from_secs(1);

impl<C: MayAnswer, L, E> PoolState<C, L, E> {
    /// Says if maintenance is to be started.
    pub(in crate::pool) fn start_maintenance(&mut self) -> bool {
        let start = self.maintenance == Maintenance::NotRunning && !self.closed;
        if start {
            self.maintenance = Maintenance::Running;
        }
        start
    }

    pub(in crate::pool) fn maintenance_ended(&mut self) {
        self.maintenance = Maintenance::NotRunning;
    }

    /// Does what is due, but for revoking leases.
    pub(in crate::pool) fn maintain(&mut self, now: Instant) {
        if let Some(then) = now.checked_sub(UNCLAIMED) {
            self.queue.forget_expired(then);
        }
        self.take_back_unclaimed(now);
        self.look_after_idle(now);
        self.keep_idle(now);
        self.serve(now);
        // Those who were woken for it may not be polled any more.
        self.start_connects(now);
    }

    /// When maintenance has something to do next. `None` if only a lease can bring it work, whose
    /// opening wakes it.
    pub(in crate::pool) fn next_due(&mut self, now: Instant) -> Option<Instant> {
        self.next_look = self.find_next_due(now);
        self.next_look
    }

    fn find_next_due(&mut self, now: Instant) -> Option<Instant> {
        self.unclaimed_check.take_if(|at| *at <= now);
        let unclaimed_check = self.unclaimed_check;
        let limits = &self.limits;
        let mut due = Vec::new();
        for slot in &self.slots {
            match slot {
                Slot::Leased(open) => due.push(open.since + limits.revoke_after),
                Slot::Offered { at, .. } => due.push(*at + UNCLAIMED),
                Slot::Idle(idle) => {
                    due.push(idle.lifetime.retire_at);
                    // One past it is kept for `min_idle`.
                    due.extend(Some(idle.idle_since + limits.idle_timeout).filter(|at| *at > now));
                    due.extend(limits.keepalive.map(|after| idle.last_checked + after));
                }
                _ => {}
            }
        }
        let retry = self.connect_fault.as_ref().map(|fault| fault.retry_at);
        let retry = retry.filter(|at| *at > now && !self.queue.is_empty());
        let overdue = self.next_overdue();
        let again = self.keep_idle_again.into_iter().chain(unclaimed_check).chain(retry);
        let again = again.chain(overdue);
        if due.is_empty() {
            self.maintenance = Maintenance::Parked;
            return again.min();
        }
        // What begins after this look is due no sooner than this.
        due.push(now + limits.longest_sleep);
        due.extend(limits.stall_check.filter(|_| self.leased > 0).map(|after| now + after));
        due.into_iter().chain(again).min()
    }

    /// When somebody is to be refused who has waited too long to begin.
    pub(super) fn next_overdue(&self) -> Option<Instant> {
        self.queue.overdue_at(self.limits.queue_target?)
    }

    /// Takes slots back from waiters that do not come for them.
    fn take_back_unclaimed(&mut self, now: Instant) {
        let is_due =
            |slot: &Slot<C, L>| matches!(slot, Slot::Offered { at, .. } if *at + UNCLAIMED <= now);
        let slots: Vec<_> = (0..self.slots.len()).filter(|at| is_due(&self.slots[*at])).collect();
        for slot in slots.into_iter().map(SlotId) {
            self.queue.requeue(slot);
            self.withdraw(slot);
            // Whoever comes first gets it. To ask one after the other could take as long each.
            self.effects.extend(self.queue.pass_over_all().into_iter().map(Effect::Wake));
        }
    }

    /// Evicts idle connections that are past their time. Has others that were silent for too long
    /// asked for a sign of life.
    fn look_after_idle(&mut self, now: Instant) {
        let Limits { min_idle, idle_timeout, keepalive, .. } = self.limits;
        let mut kept = Vec::new();
        while let Some(slot) = self.idle.pop() {
            let Slot::Idle(idle) = &self.slots[slot.0] else { unreachable!("listed as idle") };
            let unused = now >= idle.idle_since + idle_timeout;
            let silent = keepalive.is_some_and(|after| now >= idle.last_checked + after);
            if now >= idle.lifetime.retire_at || unused && kept.len() >= min_idle {
                self.evict(slot);
            } else if silent {
                let idle = self.take_idle(slot, Slot::Connecting { began: now, validates: true });
                self.connecting += 1;
                self.effects.push(Effect::KeepAlive { slot, idle });
            } else {
                kept.push(slot);
            }
        }
        kept.reverse();
        self.idle = kept;
    }

    /// Begins the connects that `min_idle` asks for.
    fn keep_idle(&mut self, now: Instant) {
        if self.closed {
            return;
        }
        self.keep_idle_again = None;
        while self.idle.len() + self.connecting < self.limits.min_idle && self.may_connect(now) {
            let Some(slot) = self.free_slot() else { return };
            self.connect(slot, None, now);
        }
        if self.idle.len() < self.limits.min_idle {
            self.keep_idle_again = Some(now + KEEP_IDLE_AGAIN);
        }
    }

    /// Has maintenance look for what is offered now and not claimed: told once for all that is
    /// offered until it looks.
    pub(super) fn check_unclaimed(&mut self, now: Instant) {
        if self.unclaimed_check.is_none() {
            self.unclaimed_check = Some(now + UNCLAIMED);
            self.effects.push(Effect::WakeMaintenance);
        }
    }

    /// Has maintenance look by then.
    pub(super) fn look_by(&mut self, by: Option<Instant>) {
        let Some(by) = by else { return };
        let is_late = match self.maintenance {
            Maintenance::NotRunning => false,
            Maintenance::Running => self.next_look.is_some_and(|at| at > by),
            Maintenance::Parked => self.next_look.is_none_or(|at| at > by),
        };
        if is_late {
            self.next_look = Some(by);
            self.effects.push(Effect::WakeMaintenance);
        }
    }

    /// There is something for maintenance to look after.
    pub(super) fn has_work(&mut self) {
        if self.maintenance == Maintenance::Parked {
            self.maintenance = Maintenance::Running;
            self.effects.push(Effect::WakeMaintenance);
        }
    }
}

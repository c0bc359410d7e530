//! Leases: opened, ended, revoked, and what becomes of their connections.

use std::mem;

use tokio::time::Instant;

use super::{Effect, PoolState};
use crate::lease_info::Tenant;
use crate::pool::slot::{Clean, Disposition, LeaseId, Lifetime, MayAnswer, Open, Slot, SlotId};

impl<C: MayAnswer, L, E> PoolState<C, L, E> {
    /// Makes a lease of what was checked out.
    ///
    /// # Errors
    ///
    /// Returns the lease if the pool was closed meanwhile.
    pub(in crate::pool) fn open_lease(
        &mut self,
        slot: SlotId,
        tenant: Tenant,
        since: Instant,
        lease: L,
    ) -> Result<LeaseId, L> {
        if self.closed {
            return Err(lease);
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        self.slots[slot.0] = Slot::Leased(Open { serial, tenant, since, lease });
        self.leased += 1;
        self.has_work();
        self.look_by(self.limits.stall_check.map(|after| since + after));
        Ok(LeaseId { slot, serial })
    }

    /// `None` for a lease that has ended.
    pub(in crate::pool) fn lease_mut(&mut self, id: LeaseId) -> Option<&mut L> {
        match &mut self.slots[id.slot.0] {
            Slot::Leased(open) if open.serial == id.serial => Some(&mut open.lease),
            _ => None,
        }
    }

    /// Ends a lease, whose slot must be checked in then. `None` if it was revoked.
    pub(in crate::pool) fn end_lease(&mut self, id: LeaseId) -> Option<L> {
        self.lease_mut(id)?;
        self.take_lease(id.slot)
    }

    /// Gives back the connection of a lease that has ended.
    pub(in crate::pool) fn check_in(
        &mut self,
        slot: SlotId,
        conn: C,
        lifetime: Lifetime,
        disposition: Disposition,
        now: Instant,
    ) {
        match disposition {
            Disposition::Clean if now < lifetime.retire_at && self.limits.keeps_idle => {
                self.vacate(slot);
                self.fill(slot, Clean::new(conn, lifetime, now));
            }
            Disposition::Clean => self.check_in_without(slot, Effect::Evict(conn)),
            Disposition::Outdated => self.check_in_without(slot, Effect::Close(conn)),
            Disposition::Broken => self.check_in_without(slot, Effect::Discard(conn)),
            Disposition::NeedsRecovery(reason) => {
                self.recovering += 1;
                let kept = (!self.limits.replaces_dirty).then_some(slot);
                let recover = Effect::Recover { conn, lifetime, reason, slot: kept };
                if kept.is_some() {
                    self.slots[slot.0] = Slot::Recovering;
                    self.effects.push(recover);
                } else {
                    self.check_in_without(slot, recover);
                }
            }
        }
        self.serve(now);
    }

    fn check_in_without(&mut self, slot: SlotId, leaves: Effect<C>) {
        self.vacate(slot);
        self.empty_slot(slot);
        self.effects.push(leaves);
        if self.limits.min_idle > 0 {
            self.effects.push(Effect::WakeMaintenance);
        }
    }

    /// Retires all connections that were made before now, because one of that lifetime is outdated. Returns `false` if it was
    /// known to be: then it tells nothing of newer ones.
    pub(in crate::pool) fn retire_older(&mut self, lifetime: Lifetime, now: Instant) -> bool {
        let is_news = !self.is_outdated(lifetime);
        if is_news {
            self.outdated_at = Some(now);
            self.evict_idle();
            self.serve(now);
        }
        is_news
    }

    pub(super) fn is_outdated(&self, lifetime: Lifetime) -> bool {
        self.outdated_at.is_some_and(|at| lifetime.made_at < at)
    }

    /// Takes the slots of leases away from them.
    pub(in crate::pool) fn revoke(
        &mut self,
        now: Instant,
        is_due: impl Fn(&Open<L>) -> bool,
    ) -> Vec<L> {
        let due = |slot: &Slot<C, L>| matches!(slot, Slot::Leased(open) if is_due(open));
        let slots: Vec<_> = (0..self.slots.len()).filter(|at| due(&self.slots[*at])).collect();
        let mut revoked = Vec::new();
        for slot in slots.into_iter().map(SlotId) {
            revoked.extend(self.take_lease(slot));
            self.vacate(slot);
            self.empty_slot(slot);
        }
        self.serve(now);
        revoked
    }

    /// Takes their slots away from leases that are stalled, if somebody waits for a connection.
    pub(in crate::pool) fn revoke_stalled(
        &mut self,
        now: Instant,
        is_stalled: impl Fn(&L) -> bool,
    ) -> Vec<L> {
        match self.queue.has_servable(now) {
            true => self.revoke(now, |open| is_stalled(&open.lease)),
            false => Vec::new(),
        }
    }

    fn take_lease(&mut self, slot: SlotId) -> Option<L> {
        match mem::replace(&mut self.slots[slot.0], Slot::CheckedOut) {
            Slot::Leased(open) => {
                self.leased -= 1;
                if self.closed {
                    self.effects.push(Effect::WakeClosers);
                }
                Some(open.lease)
            }
            other => {
                self.slots[slot.0] = other;
                None
            }
        }
    }

    /// A recovery has ended, well or not.
    pub(in crate::pool) fn recovery_ended(&mut self) {
        self.recovering -= 1;
    }

    /// Takes a connection that was recovered without a slot, if there is an empty one for it.
    pub(in crate::pool) fn insert_idle(&mut self, connection: Clean<C>, now: Instant) {
        match self.free_slot() {
            Some(slot) => self.fill(slot, connection),
            None => self.effects.push(Effect::Evict(connection.conn)),
        }
        self.serve(now);
    }
}

//! The leases that are open.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Pool;
use super::place::{Idle, Link, Seat, Slot};
use crate::Backend;
use crate::error::{Busy, Revocation, WaitPhase};
use crate::held::Held;
use crate::holder::LeaseInfo;
use crate::log::Log;
use crate::queue::{Call, Tenant};
use crate::recovery::{recover, retire, terminate};
use crate::status::Status;

/// An open lease, as the pool knows it: the lease may be forgotten, this is not.
struct Open<DB: Backend> {
    log: Arc<Log>,
    peer: Option<DB::Peer>,
    slot: Slot<DB>,
}

/// By a key of each, which is another's once it has ended.
pub(super) struct Registry<DB: Backend>(Vec<Option<Open<DB>>>);

impl<DB: Backend> Registry<DB> {
    pub(super) fn new() -> Self {
        Registry(Vec::new())
    }

    fn add(&mut self, lease: Open<DB>) -> usize {
        let free = self.0.iter().position(Option::is_none);
        let key = free.unwrap_or_else(|| {
            self.0.push(None);
            self.0.len() - 1
        });
        self.0[key] = Some(lease);
        key
    }

    fn get(&mut self, key: usize, log: &Arc<Log>) -> Option<&mut Open<DB>> {
        self.0.get_mut(key)?.as_mut().filter(|lease| Arc::ptr_eq(&lease.log, log))
    }

    fn take(&mut self, key: usize, log: &Arc<Log>) -> Option<Open<DB>> {
        self.0.get_mut(key)?.take_if(|lease| Arc::ptr_eq(&lease.log, log))
    }

    fn take_all(&mut self, overdue: impl Fn(&Log) -> bool) -> Vec<Open<DB>> {
        self.0.iter_mut().filter_map(|lease| lease.take_if(|lease| overdue(&lease.log))).collect()
    }

    pub(super) fn logs(&self) -> impl Iterator<Item = &Arc<Log>> {
        self.0.iter().flatten().map(|lease| &lease.log)
    }

    pub(super) fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        self.logs().map(|log| &log.tenant)
    }
}

impl<DB: Backend> Pool<DB> {
    /// `None` where the pool was closed meanwhile.
    pub(crate) fn enter(
        &self,
        log: &Arc<Log>,
        peer: Option<DB::Peer>,
        slot: Slot<DB>,
    ) -> Option<usize> {
        let mut shared = self.shared();
        if shared.closed {
            return None;
        }
        let key = shared.open.add(Open { log: Arc::clone(log), peer, slot });
        drop(shared);
        self.telemetry.meters().used.increment(1.0);
        self.rouse();
        Some(key)
    }

    /// The peer of a lease is known now.
    pub(crate) fn meet(&self, key: usize, log: &Arc<Log>, peer: Option<DB::Peer>) {
        let mut shared = self.shared();
        if let Some(open) = shared.open.get(key, log) {
            open.peer = peer;
        }
    }

    /// Ends a lease: its slot is free when this returns. What is not clean is recovered or closed.
    /// `false` where it was revoked, and so had ended before.
    pub(crate) fn leave(
        self: &Arc<Self>,
        key: usize,
        log: &Arc<Log>,
        link: Link<DB>,
        end: End,
    ) -> bool {
        let at = Instant::now();
        let mut shared = self.shared();
        let Some(Open { mut slot, .. }) = shared.open.take(key, log) else {
            // Revoked: its seat went with its session.
            drop(shared);
            retire(self, link, None);
            return false;
        };
        self.telemetry.meters().used.decrement(1.0);
        let clean = end == End::Clean && at < link.retire_at && !shared.closed;
        let mut left = None;
        if clean && self.keeps() {
            slot.idle = Some(Idle::new(link, at));
        } else {
            left = Some((link, slot.seat.take()));
        }
        let (place, call) = match end {
            End::Dirty(_) if !self.replaces() => (Some(slot), Call::default()),
            _ => (None, self.release_in(&mut shared, slot)),
        };
        let place = place.map(|slot| Held::new(self, slot));
        let closed = shared.closed;
        drop(shared);
        call.wake();
        if closed {
            self.left.notify_waiters();
        }
        let Some((link, seat)) = left else { return true };
        match end {
            End::Clean => self.let_go(link, seat),
            End::Broken => drop((link.raw, seat)),
            End::Dirty(dirt) => recover(self, link, seat, place, dirt),
        }
        // A connection fewer: there may be one to warm up.
        if self.settings.min_idle > 0 {
            self.bell.notify_one();
        }
        true
    }

    /// Takes the slots of the leases that are `overdue` away from them, and ends their sessions.
    pub(crate) fn revoke(
        self: &Arc<Self>,
        reason: Revocation,
        overdue: impl Fn(&Log) -> bool,
    ) -> Vec<LeaseInfo> {
        let mut revoked = Vec::new();
        let mut calls = Vec::new();
        let mut shared = self.shared();
        for Open { log, peer, mut slot } in shared.open.take_all(overdue) {
            log.revoke(reason);
            revoked.push((log, peer, slot.seat.take()));
            calls.push(self.release_in(&mut shared, slot));
        }
        drop(shared);
        calls.into_iter().for_each(Call::wake);
        if !revoked.is_empty() {
            self.left.notify_waiters();
        }
        let end = |(log, peer, seat): (Arc<Log>, Option<DB::Peer>, Option<Seat>)| {
            self.telemetry.meters().used.decrement(1.0);
            let meters = self.telemetry.site(log.site);
            meters.revoked.increment(1);
            meters.ended(&log);
            if let Some(peer) = peer {
                terminate(self, peer, seat);
            }
            log.holder()
        };
        let mut revoked: Vec<_> = revoked.into_iter().map(end).collect();
        revoked.sort_by_key(|holder| std::cmp::Reverse(holder.age));
        revoked
    }

    pub(crate) fn holders(&self) -> Vec<LeaseInfo> {
        self.holders_but(None)
    }

    fn holders_but(&self, own: Option<&Log>) -> Vec<LeaseInfo> {
        let others = |log: &&Arc<Log>| own.is_none_or(|own| !std::ptr::eq(&***log, own));
        let shared = self.shared();
        let mut holders: Vec<_> =
            shared.open.logs().filter(others).map(|log| log.holder()).collect();
        drop(shared);
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.age));
        holders
    }

    /// `own` is the lease that waits, where it counts as open.
    pub(crate) fn busy(&self, phase: WaitPhase, since: Instant, own: Option<&Log>) -> Box<Busy> {
        let status = self.places.status();
        let mut holders = self.holders_but(own);
        let used = holders.len();
        holders.truncate(3);
        Box::new(Busy {
            phase,
            waited: since.elapsed(),
            max: self.settings.max_connections,
            used,
            idle: status.available,
            recovering: self.recovering.load(Ordering::Relaxed),
            waiting: self.waiting(),
            holders,
        })
    }

    pub(crate) fn status(&self) -> Status {
        Status {
            max: self.settings.max_connections,
            used: self.used(),
            idle: self.places.status().available,
            waiting: self.waiting(),
            recovering: self.recovering.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn used(&self) -> usize {
        self.shared().open.logs().count()
    }
}

/// What a lease leaves behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Clean,
    Dirty(Dirt),
    Broken,
}

/// Why a connection cannot be lent again as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dirt {
    /// A statement was not answered to its end.
    pub(crate) in_flight: bool,
    /// Unchecked code had it.
    pub(crate) touched: bool,
}

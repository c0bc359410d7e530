//! The pool's state, and its transitions: plain functions without I/O, async or a clock. What is to
//! be done for them comes out as [`Effect`]s. `model.rs` checks them in every order.
//!
//! Between any two transitions these hold:
//! - each slot is in exactly one state, and in the list of idle or of empty slots if that is its state;
//! - nobody who can be served waits while a usable connection is idle;
//! - nobody who can be served waits while a slot is free, unless enough connects are under way or a
//!   waiter was woken to begin one;
//! - at most one slot has the permit to write;
//! - after the close nothing is idle and nobody waits.

use std::mem;
use std::task::{Poll, Waker};
use std::time::Duration;

use tokio::time::Instant;

use super::queue::{Answer, Queue, Refusal, Request, WaiterId};
use super::slot::{Clean, Disposition, LeaseId, Open, ResetReason, Slot, SlotId};
use crate::lease::info::Tenant;

/// A waiter that is not polled for this long after it was woken for a slot loses it again: its future
/// was forgotten, or stands in a `select!` that waits for another branch.
pub(super) const UNCLAIMED: Duration = Duration::from_millis(500);

/// The time between two tries to keep connections idle.
const KEEP_IDLE_AGAIN: Duration = Duration::from_secs(1);

/// The settings that the state needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Limits {
    pub(super) max_connections: usize,
    pub(super) min_idle: usize,
    pub(super) validate_after: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) keepalive: Option<Duration>,
    /// The longest that maintenance sleeps while there is something to look after.
    pub(super) longest_sleep: Duration,
    /// When a lease is revoked, after its opening.
    pub(super) revoke_after: Duration,
    /// How often open leases are looked at.
    pub(super) stall_check: Option<Duration>,
    /// Connections stay when nobody uses them.
    pub(super) keeps_idle: bool,
    /// A new connection can take the slot of one that is being reset.
    pub(super) replaces_dirty: bool,
    /// How long sessions wait to begin when there is more to do than the pool can; `None` for as long as otherwise.
    pub(super) queue_target: Option<Duration>,
}

/// Something to be done outside of the lock.
#[derive(Clone, Debug)]
pub(super) enum Effect<C> {
    Wake(Waker),
    /// Ask the idle connection for a sign of life if there is one. Make a new one otherwise.
    Connect {
        slot: SlotId,
        idle: Option<Clean<C>>,
    },
    /// Ask the idle connection for a sign of life.
    KeepAlive {
        slot: SlotId,
        idle: Clean<C>,
    },
    /// Bring the connection back, into its slot if that waits for it.
    Reset {
        conn: C,
        retire_at: Instant,
        reason: ResetReason,
        slot: Option<SlotId>,
    },
    /// Close a clean connection, or give it back to where it is from.
    Evict(C),
    /// Close a connection, wherever it is from.
    Close(C),
    /// Drop a connection that failed.
    Discard(C),
    WakeMaintenance,
    /// A lease has ended while the pool is being closed.
    WakeClosers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Maintenance {
    NotRunning,
    Running,
    /// Until it is woken.
    Parked,
}

/// How a connect failed.
#[derive(Clone, Debug)]
pub(super) enum ConnectFailure<E> {
    /// To try again is of no use.
    Final(E),
    /// It may pass. Try again after the pause.
    Passing(E, Duration),
}

/// Connects fail. Until one succeeds there is one at a time, after a pause that grows.
#[derive(Clone, Debug)]
struct ConnectFault<E> {
    error: E,
    since: Instant,
    failures: u32,
    retry_at: Instant,
}

/// A slot with a usable connection.
type Granted<C, E> = Result<(SlotId, Clean<C>), Refusal<E>>;

/// The thing that a waiter waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WaitingFor {
    Slot,
    Validation,
    Connect,
    PermitToWrite,
}

/// `C` is a connection, `L` what is kept of an open lease, `E` an error of connecting.
#[derive(Clone, Debug)]
pub(super) struct PoolState<C, L, E> {
    limits: Limits,
    /// Those that were needed so far, at most `max_connections`.
    slots: Vec<Slot<C, L>>,
    /// The idle ones, the last used last.
    idle: Vec<SlotId>,
    empty: Vec<SlotId>,
    queue: Queue<E>,
    /// The slot with the permit to write. A database with one writer has one, and transactions wait
    /// for it in the queue: with a connection in hand they would keep that from readers.
    writer: Option<SlotId>,
    connecting: usize,
    leased: usize,
    /// Connections that are being reset, with a slot or without.
    resetting: usize,
    next_serial: u64,
    closed: bool,
    maintenance: Maintenance,
    /// When maintenance looks again by itself.
    next_look: Option<Instant>,
    /// When maintenance looks for slots that nobody came for.
    unclaimed_check: Option<Instant>,
    keep_idle_again: Option<Instant>,
    /// Set while connects fail in a way that may pass.
    connect_fault: Option<ConnectFault<E>>,
    /// Connections from before that are outdated.
    outdated_at: Option<Instant>,
    effects: Vec<Effect<C>>,
}

impl<C, L, E> PoolState<C, L, E> {
    pub(super) fn new(limits: Limits) -> Self {
        PoolState {
            limits,
            slots: Vec::new(),
            idle: Vec::new(),
            empty: Vec::new(),
            queue: Queue::new(),
            writer: None,
            connecting: 0,
            leased: 0,
            resetting: 0,
            next_serial: 0,
            closed: false,
            maintenance: Maintenance::NotRunning,
            next_look: None,
            unclaimed_check: None,
            keep_idle_again: None,
            connect_fault: None,
            outdated_at: None,
            effects: Vec::new(),
        }
    }

    /// Takes what the transitions since the last call ask for.
    #[must_use]
    pub(super) fn take_effects(&mut self) -> Vec<Effect<C>> {
        mem::take(&mut self.effects)
    }

    // --- Checkout ---

    /// Takes an idle connection if there is one that can be used as it is.
    pub(super) fn check_out_now(
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
    pub(super) fn enqueue(&mut self, request: Request, now: Instant) -> Option<WaiterId> {
        if self.closed {
            return None;
        }
        let id = self.queue.push(request);
        if self.connect_fault.is_some() {
            self.effects.push(Effect::WakeMaintenance);
        }
        self.offer(now);
        Some(id)
    }

    /// Asks for the answer to a waiter, and begins the connects that waiters need: it is polled, so
    /// the runtime at hand is alive.
    pub(super) fn poll(
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
    pub(super) fn leave(&mut self, id: WaiterId, now: Instant) {
        if let Some(slot) = self.queue.remove(id) {
            self.withdraw(slot);
        }
        self.serve(now);
    }

    pub(super) fn waiting_for(&self, id: WaiterId, writes: bool) -> WaitingFor {
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

    // --- Slots on their way ---

    /// Gives back a slot that a task or a checkout has, with a clean connection or without one.
    pub(super) fn put_back(&mut self, slot: SlotId, connection: Option<Clean<C>>, now: Instant) {
        let is_new = matches!(self.slots[slot.0], Slot::Connecting { validates: false, .. });
        if is_new && connection.is_some() {
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
    pub(super) fn connect_failed(
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
    pub(super) fn connect_failures(&self) -> u32 {
        self.connect_fault.as_ref().map_or(0, |fault| fault.failures)
    }

    /// The last reason why connects fail, if they do.
    pub(super) fn connect_error(&self) -> Option<&E> {
        self.connect_fault.as_ref().map(|fault| &fault.error)
    }

    // --- Leases ---

    /// Makes a lease of what was checked out.
    ///
    /// # Errors
    ///
    /// Returns the lease if the pool was closed meanwhile.
    pub(super) fn open_lease(
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
    pub(super) fn lease_mut(&mut self, id: LeaseId) -> Option<&mut L> {
        match &mut self.slots[id.slot.0] {
            Slot::Leased(open) if open.serial == id.serial => Some(&mut open.lease),
            _ => None,
        }
    }

    /// Ends a lease, whose slot must be checked in then. `None` if it was revoked.
    pub(super) fn end_lease(&mut self, id: LeaseId) -> Option<L> {
        self.lease_mut(id)?;
        self.take_lease(id.slot)
    }

    /// Gives back the connection of a lease that has ended.
    pub(super) fn check_in(
        &mut self,
        slot: SlotId,
        conn: C,
        retire_at: Instant,
        disposition: Disposition,
        now: Instant,
    ) {
        match disposition {
            Disposition::Clean if now < retire_at && !self.closed && self.limits.keeps_idle => {
                self.vacate(slot);
                self.fill(slot, Clean::new(conn, retire_at, now));
            }
            Disposition::Clean => self.check_in_without(slot, Effect::Evict(conn)),
            Disposition::Outdated => self.check_in_without(slot, Effect::Close(conn)),
            Disposition::Broken => self.check_in_without(slot, Effect::Discard(conn)),
            Disposition::NeedsReset(reason) => {
                self.resetting += 1;
                let kept = (!self.limits.replaces_dirty).then_some(slot);
                let reset = Effect::Reset { conn, retire_at, reason, slot: kept };
                if kept.is_some() {
                    self.slots[slot.0] = Slot::Resetting;
                    self.effects.push(reset);
                } else {
                    self.check_in_without(slot, reset);
                }
            }
        }
        self.serve(now);
    }

    /// Lets go of all connections from before now.
    pub(super) fn retire_older(&mut self, now: Instant) {
        self.outdated_at = Some(now);
        self.evict_idle();
        self.serve(now);
    }

    /// Returns `true` if a connection that a lease has had since then is outdated.
    pub(super) fn is_outdated(&self, since: Instant) -> bool {
        self.outdated_at.is_some_and(|at| since <= at)
    }

    fn check_in_without(&mut self, slot: SlotId, leaves: Effect<C>) {
        self.vacate(slot);
        self.empty_slot(slot);
        self.effects.push(leaves);
        if self.limits.min_idle > 0 {
            self.effects.push(Effect::WakeMaintenance);
        }
    }

    /// Takes the slots of leases away from them.
    pub(super) fn revoke(&mut self, now: Instant, is_due: impl Fn(&Open<L>) -> bool) -> Vec<L> {
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
    pub(super) fn revoke_stalled(
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

    // --- Resets ---

    /// A reset has ended, well or not.
    pub(super) fn reset_ended(&mut self) {
        self.resetting -= 1;
    }

    /// Takes a connection that was reset without a slot, if there is an empty one for it.
    pub(super) fn insert_idle(&mut self, connection: Clean<C>, now: Instant) {
        match self.free_slot() {
            Some(slot) => self.fill(slot, connection),
            None => self.effects.push(Effect::Evict(connection.conn)),
        }
        self.serve(now);
    }

    // --- Maintenance ---

    /// Says if maintenance is to be started.
    pub(super) fn start_maintenance(&mut self) -> bool {
        let start = self.maintenance == Maintenance::NotRunning && !self.closed;
        if start {
            self.maintenance = Maintenance::Running;
        }
        start
    }

    pub(super) fn maintenance_ended(&mut self) {
        self.maintenance = Maintenance::NotRunning;
    }

    /// Does what is due, but for revoking leases.
    pub(super) fn maintain(&mut self, now: Instant) {
        self.queue.forget_expired(now);
        self.take_back_unclaimed(now);
        self.look_after_idle(now);
        self.keep_idle(now);
        self.serve(now);
        // Those who were woken for it may not be polled any more.
        self.start_connects(now);
    }

    /// When maintenance has something to do next. `None` if only a lease can bring it work, whose
    /// opening wakes it.
    pub(super) fn next_due(&mut self, now: Instant) -> Option<Instant> {
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
                    due.push(idle.retire_at);
                    // One past it is kept for `min_idle`.
                    due.extend(Some(idle.idle_since + limits.idle_timeout).filter(|at| *at > now));
                    due.extend(limits.keepalive.map(|after| idle.last_checked + after));
                }
                _ => {}
            }
        }
        let retry = self.connect_fault.as_ref().map(|fault| fault.retry_at);
        let retry = retry.filter(|at| *at > now && !self.queue.is_empty());
        let again = self.keep_idle_again.into_iter().chain(unclaimed_check).chain(retry);
        if due.is_empty() {
            self.maintenance = Maintenance::Parked;
            return again.min();
        }
        // What begins after this look is due no sooner than this.
        due.push(now + limits.longest_sleep);
        due.extend(limits.stall_check.filter(|_| self.leased > 0).map(|after| now + after));
        due.into_iter().chain(again).min()
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
            if now >= idle.retire_at || unused && kept.len() >= min_idle {
                let idle = self.take_idle(slot, Slot::Empty);
                self.empty.push(slot);
                self.effects.push(Effect::Evict(idle.conn));
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

    // --- Close ---

    /// Refuses everything from now on, and lets go of what is idle.
    pub(super) fn close(&mut self) {
        if mem::replace(&mut self.closed, true) {
            return;
        }
        self.evict_idle();
        let (wakers, unclaimed) = self.queue.refuse_all(|| Refusal::Closed);
        for slot in unclaimed {
            self.withdraw(slot);
        }
        self.effects.extend(wakers.into_iter().map(Effect::Wake));
        self.effects.push(Effect::WakeMaintenance);
    }

    // --- Figures ---

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn idle(&self) -> usize {
        self.idle.len()
    }

    pub(super) fn leased(&self) -> usize {
        self.leased
    }

    pub(super) fn resetting(&self) -> usize {
        self.resetting
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn leases(&self) -> impl Iterator<Item = &Open<L>> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Leased(open) => Some(open),
            _ => None,
        })
    }

    // --- Within ---

    /// Takes a slot out of the hands of whoever has it. It must be given a new state.
    fn vacate(&mut self, slot: SlotId) {
        if let Slot::Connecting { .. } = self.slots[slot.0] {
            self.connecting -= 1;
        }
        if self.writer == Some(slot) {
            self.writer = None;
        }
    }

    /// Takes back a slot that lies ready for a waiter.
    fn withdraw(&mut self, slot: SlotId) {
        self.vacate(slot);
        match mem::replace(&mut self.slots[slot.0], Slot::Empty) {
            Slot::Offered { connection, .. } => self.fill(slot, connection),
            _ => unreachable!("offered to a waiter"),
        }
    }

    /// Puts a clean connection into a slot that nobody has.
    fn fill(&mut self, slot: SlotId, connection: Clean<C>) {
        if self.closed {
            self.empty_slot(slot);
            self.effects.push(Effect::Evict(connection.conn));
            return;
        }
        self.has_work();
        self.slots[slot.0] = Slot::Idle(connection);
        self.idle.push(slot);
    }

    /// Leaves a slot that nobody has without a connection.
    fn empty_slot(&mut self, slot: SlotId) {
        self.slots[slot.0] = Slot::Empty;
        self.empty.push(slot);
    }

    /// A slot without a connection, off the list.
    fn free_slot(&mut self) -> Option<SlotId> {
        if let Some(slot) = self.empty.pop() {
            return Some(slot);
        }
        let unused = SlotId(self.slots.len());
        (unused.0 < self.limits.max_connections).then(|| {
            self.slots.push(Slot::Empty);
            unused
        })
    }

    fn take_idle(&mut self, slot: SlotId, next: Slot<C, L>) -> Clean<C> {
        match mem::replace(&mut self.slots[slot.0], next) {
            Slot::Idle(idle) => idle,
            _ => unreachable!("listed as idle"),
        }
    }

    /// The idle slot that is used next, if its connection can be used as it is: it has answered lately,
    /// or while somebody has waited `since` then. Connections past their lifetime are let go.
    fn usable_idle(&mut self, since: Option<Instant>, now: Instant) -> Option<SlotId> {
        while let Some(&slot) = self.idle.last() {
            let Slot::Idle(idle) = &self.slots[slot.0] else { unreachable!("listed as idle") };
            // It may be past its lifetime already, and still is the newest to be had.
            let answered = since.is_some_and(|since| idle.last_checked >= since);
            let expired = now >= idle.retire_at;
            let fresh = now < idle.last_checked + self.limits.validate_after;
            if answered || !expired {
                return (answered || fresh).then_some(slot);
            }
            self.idle.pop();
            let idle = self.take_idle(slot, Slot::Empty);
            self.effects.push(Effect::Evict(idle.conn));
            self.empty_slot(slot);
        }
        None
    }

    /// Restores what holds between transitions.
    fn serve(&mut self, now: Instant) {
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
            let &Request { since, writes, .. } = self.queue.request(next);
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
            let waker = self.queue.answer(overdue, Answer::Refused(Refusal::Overloaded));
            self.effects.extend(waker.map(Effect::Wake));
        }
    }

    fn evict_idle(&mut self) {
        while let Some(slot) = self.idle.pop() {
            let idle = self.take_idle(slot, Slot::Empty);
            self.empty_slot(slot);
            self.effects.push(Effect::Evict(idle.conn));
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

    /// Counts the connects that those who wait need, and for which there are slots.
    fn lacks_connects(&self, now: Instant) -> usize {
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
    fn may_connect(&self, now: Instant) -> bool {
        let is_new = |slot: &Slot<C, L>| matches!(slot, Slot::Connecting { validates: false, .. });
        match &self.connect_fault {
            None => true,
            Some(fault) => now >= fault.retry_at && !self.slots.iter().any(is_new),
        }
    }

    fn start_connects(&mut self, now: Instant) {
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

    fn connect(&mut self, slot: SlotId, idle: Option<Clean<C>>, now: Instant) {
        self.slots[slot.0] = Slot::Connecting { began: now, validates: idle.is_some() };
        self.connecting += 1;
        self.effects.push(Effect::Connect { slot, idle });
    }

    /// Has maintenance look for what is offered now and not claimed: told once for all that is
    /// offered until it looks.
    fn check_unclaimed(&mut self, now: Instant) {
        if self.unclaimed_check.is_none() {
            self.unclaimed_check = Some(now + UNCLAIMED);
            self.effects.push(Effect::WakeMaintenance);
        }
    }

    /// Has maintenance look by then.
    fn look_by(&mut self, by: Option<Instant>) {
        if self.maintenance == Maintenance::Running
            && by.is_some_and(|by| self.next_look.is_some_and(|at| at > by))
        {
            self.next_look = by;
            self.effects.push(Effect::WakeMaintenance);
        }
    }

    /// There is something for maintenance to look after.
    fn has_work(&mut self) {
        if self.maintenance == Maintenance::Parked {
            self.maintenance = Maintenance::Running;
            self.effects.push(Effect::WakeMaintenance);
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod overload;

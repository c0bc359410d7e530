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

mod connects;
mod leases;
#[cfg(test)]
mod model;
#[cfg(test)]
mod outdated;
#[cfg(test)]
mod overload;
mod upkeep;
mod waiters;

use std::mem;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

use super::queue::{Queue, Refusal};
use super::slot::{Clean, Lifetime, MayAnswer, Open, RecoveryReason, Slot, SlotId};

/// A waiter that is not polled for this long after it was woken for a slot loses it again: its future
/// was forgotten, or stands in a `select!` that waits for another branch.
pub(super) const UNCLAIMED: Duration = Duration::from_millis(500);

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
    /// A new connection can take the slot of one that is being recovered.
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
    Recover {
        conn: C,
        lifetime: Lifetime,
        reason: RecoveryReason,
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
    /// Connections that are being recovered, with a slot or without.
    recovering: usize,
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

impl<C: MayAnswer, L, E> PoolState<C, L, E> {
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
            recovering: 0,
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

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(super) fn idle(&self) -> u32 {
        count(self.idle.len())
    }

    pub(super) fn leased(&self) -> u32 {
        count(self.leased)
    }

    pub(super) fn recovering(&self) -> u32 {
        count(self.recovering)
    }

    pub(super) fn waiting(&self) -> u32 {
        count(self.queue.len())
    }

    pub(super) fn leases(&self) -> impl Iterator<Item = &Open<L>> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Leased(open) => Some(open),
            _ => None,
        })
    }

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

    /// Puts a clean connection into a slot that nobody has, unless it is outdated.
    fn fill(&mut self, slot: SlotId, connection: Clean<C>) {
        if self.closed || self.is_outdated(connection.lifetime) {
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

    fn evict_idle(&mut self) {
        while let Some(slot) = self.idle.pop() {
            self.evict(slot);
        }
    }

    /// Evicts the connection of a slot that is off the list of the idle ones.
    fn evict(&mut self, slot: SlotId) {
        let idle = self.take_idle(slot, Slot::Empty);
        self.empty_slot(slot);
        self.effects.push(Effect::Evict(idle.conn));
    }
}

/// Counts connections or leases as the settings and the figures of a pool do.
pub(super) fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

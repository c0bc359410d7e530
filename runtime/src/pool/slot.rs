//! Slots, and the connections in them.

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::Backend;
use crate::backend::raw_conn::RawConn;
use crate::lease_info::{SearchPath, Tenant};

/// Names one of the pool's slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SlotId(pub(super) usize);

/// Names a lease. A slot outlives its leases, so the lease is counted too: one that was revoked
/// cannot give back a slot that is another's by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LeaseId {
    pub(super) slot: SlotId,
    pub(super) serial: u64,
}

/// The life of a slot, and of the connection in it. The diagram is in [`super`].
#[derive(Clone, Debug)]
pub(super) enum Slot<C, L> {
    /// No connection, and nobody makes one.
    Empty,
    /// A task makes a connection, or asks an idle one for a sign of life first.
    Connecting { began: Instant, validates: bool },
    /// A clean connection that nobody uses.
    Idle(Clean<C>),
    /// A clean connection that a waiter was woken for.
    Offered { connection: Clean<C>, at: Instant },
    /// Taken out by a checkout that has no lease yet.
    CheckedOut,
    /// An open lease has the connection.
    Leased(Open<L>),
    /// A lease left its connection in the middle of something, and no other can take its place.
    Recovering,
}

/// An open lease as the pool knows it. The future that has the connection may be forgotten; this is
/// not.
#[derive(Clone, Debug)]
pub(super) struct Open<L> {
    pub(super) serial: u64,
    pub(super) tenant: Tenant,
    pub(super) since: Instant,
    pub(super) lease: L,
}

/// The time for which a connection is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) made_at: Instant,
    pub(crate) retire_at: Instant,
}

/// A connection as the state of the pool sees it.
pub(crate) trait MayAnswer {
    /// Returns `false` if it never answers again.
    fn may_answer(&self) -> bool;
}

impl<DB: Backend> MayAnswer for LiveConn<DB> {
    fn may_answer(&self) -> bool {
        self.session.raw.may_answer()
    }
}

/// A connection that is known to be clean. Only such a connection is ever handed out.
#[derive(Clone, Debug)]
pub(crate) struct Clean<C> {
    pub(crate) conn: C,
    pub(crate) lifetime: Lifetime,
    /// The last time that it answered.
    pub(super) last_checked: Instant,
    /// The last time that a lease used it.
    pub(super) idle_since: Instant,
}

impl<C> Clean<C> {
    /// A connection that has just answered.
    pub(crate) fn new(conn: C, lifetime: Lifetime, now: Instant) -> Self {
        Clean { conn, lifetime, last_checked: now, idle_since: now }
    }

    /// Records a sign of life.
    pub(crate) fn answered(&mut self, now: Instant) {
        self.last_checked = now;
    }
}

/// The state in which a lease leaves its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Disposition {
    /// The next lease can have it as it is.
    Clean,
    /// It is in the middle of something, or unchecked code had it.
    NeedsRecovery(RecoveryReason),
    /// It is not what it was: the server, or what the session keeps of it, has changed.
    Outdated,
    /// The connection itself failed.
    Broken,
}

/// Why a connection cannot be lent again as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RecoveryReason {
    /// A statement was not answered to its end.
    pub(crate) in_flight: bool,
    /// The rest of that answer cannot be read.
    pub(crate) torn: bool,
    /// Rows of its answer may still come, faster than they are read.
    pub(crate) rows_coming: bool,
    /// A transaction was open, or on its way.
    pub(crate) in_transaction: bool,
    /// Unchecked code had it.
    pub(crate) unchecked_used: bool,
}

/// The right to one session of the server, from before its connect until after its end. A slot is
/// free at once when its lease is dropped; its permit is not, or a storm of cancellations would
/// become one of connections.
pub(crate) type SessionPermit = OwnedSemaphorePermit;

/// A connection, and the way to stop what it does from outside. Its permit is with it, or, while a lease has it, with the
/// open lease in the pool.
pub(crate) struct SessionConn<DB: Backend> {
    pub(crate) raw: RawConn<DB>,
    pub(crate) cancel_token: Option<DB::CancelToken>,
    pub(crate) prepared: Prepared,
}

/// The state of a session that leases need or leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prepared {
    /// The search path of the statements and types that it knows.
    pub(crate) search_path: SearchPath,
    /// It refuses all writes, and the user has not set that.
    pub(crate) read_only: bool,
}

/// A connection of the pool, with the right to its session.
pub(crate) struct LiveConn<DB: Backend> {
    pub(crate) session: SessionConn<DB>,
    pub(crate) permit: SessionPermit,
}

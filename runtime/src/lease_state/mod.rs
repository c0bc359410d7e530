use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::Backend;
use crate::backend::driver::ErrorClass;
use crate::call_site::CallSite;
use crate::error::{Revocation, Revoked, Torn, TransactionOver};
use crate::lease_info::{LeaseInfo, Tenant};

pub(crate) mod poll_watch;

/// The state of an open lease, shared between the lease, its statements and the pool.
#[derive(Debug)]
pub(crate) struct LeaseState {
    pub(crate) site: CallSite,
    pub(crate) tenant: Tenant,
    pub(crate) since: Instant,
    /// All of its statements were to take effect, or none.
    pub(crate) whole: bool,
    statement_timeout: Duration,
    /// When the statement that is under way was sent, in nanoseconds after `since`.
    sent_at: AtomicU64,
    broken: AtomicBool,
    failed: AtomicBool,
    conflicted: AtomicBool,
    roll_back: AtomicBool,
    revoked: OnceLock<Revocation>,
    stalled: AtomicBool,
    /// Tells of the end of the connection after a revocation.
    closed: Notify,
    /// A statement showed that connections of this age are not what they were.
    stale: AtomicBool,
    read_only: AtomicBool,
    /// Rows of the last statement were read.
    rows_came: AtomicBool,
    /// The last poll of the statement gave a row, and the next has not begun to wait for another.
    between_rows: AtomicBool,
    /// A statement of the text that was sent last has ended, and others may follow.
    done_in_part: AtomicBool,
    /// The lease is a transaction, which has begun.
    begun: AtomicBool,
    /// The database has ended the transaction.
    transaction_over: AtomicBool,
    /// It had done so before, and no failed statement told of it.
    ended_before: AtomicBool,
    /// A statement of it may have committed it without a word.
    may_be_committed: AtomicBool,
    committing: AtomicBool,
    unchecked_used: AtomicBool,
    /// Unchecked code was to have the connection and cannot, so the lease ends.
    unchecked_refused: AtomicBool,
    /// The limit of the server that the last statement ran into.
    last_timeout: AtomicU8,
    busy_nanos: AtomicU64,
    /// The connection's count of rollbacks, if its database ends transactions by itself, and the count
    /// when this lease's transaction began.
    rollbacks: Option<Arc<AtomicU64>>,
    rollbacks_before: AtomicU64,
}

/// The value of `sent_at` while no statement is under way.
const NOT_SENT: u64 = u64::MAX;

/// The value of `rollbacks_before` before a transaction has begun.
const NONE_BEGUN: u64 = u64::MAX;

/// The limit that the last statement of a body ran into, and if it met a conflict.
#[derive(Clone, Copy)]
pub(crate) struct Met {
    timeout: u8,
    conflicted: bool,
}

/// The values of `last_timeout`.
const STATEMENT_TIMEOUT: u8 = 1;
const IDLE_IN_TRANSACTION: u8 = 2;

impl LeaseState {
    pub(crate) fn open(
        site: CallSite,
        tenant: Tenant,
        since: Instant,
        statement_timeout: Duration,
        rollbacks: Option<Arc<AtomicU64>>,
        whole: bool,
    ) -> Self {
        LeaseState {
            site,
            tenant,
            since,
            whole,
            statement_timeout,
            sent_at: AtomicU64::new(NOT_SENT),
            broken: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            conflicted: AtomicBool::new(false),
            roll_back: AtomicBool::new(false),
            revoked: OnceLock::new(),
            stalled: AtomicBool::new(false),
            closed: Notify::new(),
            stale: AtomicBool::new(false),
            read_only: AtomicBool::new(false),
            rows_came: AtomicBool::new(false),
            between_rows: AtomicBool::new(false),
            done_in_part: AtomicBool::new(false),
            begun: AtomicBool::new(false),
            transaction_over: AtomicBool::new(false),
            ended_before: AtomicBool::new(false),
            may_be_committed: AtomicBool::new(false),
            committing: AtomicBool::new(false),
            unchecked_used: AtomicBool::new(false),
            unchecked_refused: AtomicBool::new(false),
            last_timeout: AtomicU8::new(0),
            busy_nanos: AtomicU64::new(0),
            rollbacks,
            rollbacks_before: AtomicU64::new(NONE_BEGUN),
        }
    }

    pub(crate) fn info(&self) -> LeaseInfo {
        LeaseInfo {
            site: self.site,
            age: self.since.elapsed(),
            in_query: self.in_flight(),
            tenant: self.tenant.clone(),
        }
    }
}

/// The statement that is under way.
impl LeaseState {
    /// Refuses a statement that would be done in no transaction, answered with what was dropped before, or sent on a
    /// connection that broke.
    pub(crate) fn check_statement<DB: Backend>(&self) -> Result<(), sqlx::Error> {
        let refusal = if self.revoked().is_some() {
            io::Error::other(Revoked)
        } else if self.transaction_over() {
            io::Error::other(TransactionOver)
        } else if self.torn::<DB>() || self.broken() {
            io::Error::other(Torn)
        } else {
            return Ok(());
        };
        Err(sqlx::Error::Io(refusal))
    }

    /// Records that a statement is about to be sent.
    pub(crate) fn start_statement(&self) {
        self.last_timeout.store(0, Ordering::Relaxed);
        self.rows_came.store(false, Ordering::Relaxed);
        self.between_rows.store(false, Ordering::Relaxed);
        self.done_in_part.store(false, Ordering::Relaxed);
        self.sent_at.store(self.nanos(), Ordering::Release);
    }

    /// Records that a row of the answer was read, or the end of its rows, which `sqlx` notes only when it is
    /// polled again.
    pub(crate) fn record_row(&self, row: bool) {
        self.rows_came.store(true, Ordering::Relaxed);
        self.between_rows.store(row, Ordering::Relaxed);
        self.done_in_part.fetch_or(!row, Ordering::Relaxed);
    }

    /// Records that the statement waits for its next row.
    pub(crate) fn await_row(&self) {
        self.between_rows.store(false, Ordering::Relaxed);
    }

    /// Returns `true` if a statement was dropped where the rest of its answer cannot be read any more.
    pub(crate) fn torn<DB: Backend>(&self) -> bool {
        !DB::RESUMES_ANSWERS && self.in_flight() && !self.between_rows.load(Ordering::Relaxed)
    }

    /// Returns `true` if rows of the last statement were read.
    pub(crate) fn rows_came(&self) -> bool {
        self.rows_came.load(Ordering::Relaxed)
    }

    /// Records that the answer to a statement was read to its end.
    pub(crate) fn finish_statement(&self, failure: Option<Failure>) {
        let busy = self.nanos().saturating_sub(self.sent_at.load(Ordering::Acquire));
        match failure {
            // Whoever goes on after a conflict has handled it.
            None => self.conflicted.store(false, Ordering::Release),
            Some(Failure::Answer(class)) => {
                self.failed.store(true, Ordering::Release);
                if class.is_conflict() {
                    self.conflicted.store(true, Ordering::Release);
                }
                if class.leaves_no_transaction() && self.begun.load(Ordering::Acquire) {
                    self.transaction_over.store(true, Ordering::Release);
                }
                if class == ErrorClass::TransactionEnded {
                    self.ended_before.store(true, Ordering::Release);
                }
                let busy = Duration::from_nanos(busy);
                if class == ErrorClass::Cancelled && busy >= self.statement_timeout {
                    self.last_timeout.store(STATEMENT_TIMEOUT, Ordering::Relaxed);
                }
                if class == ErrorClass::IdleInTransaction {
                    self.last_timeout.store(IDLE_IN_TRANSACTION, Ordering::Relaxed);
                }
                if class == ErrorClass::Stale {
                    self.stale.store(true, Ordering::Relaxed);
                }
                if class == ErrorClass::ReadOnly {
                    self.read_only.store(true, Ordering::Relaxed);
                }
                if !class.leaves_session() {
                    self.broken.store(true, Ordering::Release);
                }
            }
            Some(Failure::Broken) => self.broken.store(true, Ordering::Release),
        }
        self.busy_nanos.fetch_add(busy, Ordering::Relaxed);
        self.sent_at.store(NOT_SENT, Ordering::Release);
    }

    /// The time for which the lease has been open.
    fn nanos(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Returns `true` if a statement was sent and not answered to its end.
    pub(crate) fn in_flight(&self) -> bool {
        self.sent_at.load(Ordering::Acquire) != NOT_SENT
    }

    /// Returns `true` if it may have a lock that somebody has waited for since then: in a transaction, or in a
    /// statement that was sent before.
    pub(crate) fn may_have_lock(&self, since: Instant) -> bool {
        let age = since.saturating_duration_since(self.since);
        let sent_before = u128::from(self.sent_at.load(Ordering::Acquire)) < age.as_nanos();
        self.begun.load(Ordering::Acquire) || self.unchecked_used() || sent_before
    }

    /// The time for which statements have been under way, with the one that is now.
    pub(crate) fn busy(&self) -> Duration {
        let under_way = self.nanos().saturating_sub(self.sent_at.load(Ordering::Acquire));
        Duration::from_nanos(self.busy_nanos.load(Ordering::Relaxed).saturating_add(under_way))
    }

    /// Returns `true` if the connection itself failed.
    pub(crate) fn broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Returns `true` if one of the statements in the last text was done.
    pub(crate) fn done_in_part(&self) -> bool {
        self.done_in_part.load(Ordering::Relaxed)
    }

    /// Records that the connection is not to be used any more.
    pub(crate) fn break_connection(&self) {
        self.broken.store(true, Ordering::Release);
    }

    /// Returns `true` if a statement failed because of what its session keeps from before.
    pub(crate) fn stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }

    /// Returns `true` if a statement failed because the server does not take writes.
    pub(crate) fn read_only(&self) -> bool {
        self.read_only.load(Ordering::Relaxed)
    }

    /// Records that this was not about the server.
    pub(crate) fn forget_read_only(&self) {
        self.read_only.store(false, Ordering::Relaxed);
    }

    /// Returns `true` if unchecked code had the connection.
    pub(crate) fn unchecked_used(&self) -> bool {
        self.unchecked_used.load(Ordering::Acquire)
    }

    pub(crate) fn use_unchecked(&self) {
        self.unchecked_used.store(true, Ordering::Release);
    }

    /// Returns `true` if the lease ends where unchecked code was to run.
    pub(crate) fn unchecked_refused(&self) -> bool {
        self.unchecked_refused.load(Ordering::Acquire)
    }

    pub(crate) fn refuse_unchecked(&self) {
        self.unchecked_refused.store(true, Ordering::Release);
    }
}

/// The transaction of the lease.
impl LeaseState {
    /// Records that a transaction has begun.
    pub(crate) fn begin(&self) {
        self.begun.store(true, Ordering::Release);
        self.failed.store(false, Ordering::Release);
        if let Some(rollbacks) = &self.rollbacks {
            self.rollbacks_before.store(rollbacks.load(Ordering::Acquire), Ordering::Release);
        }
    }

    /// Returns `true` if a statement has failed since the last call. PostgreSQL refuses the rest of such
    /// a transaction, and answers its COMMIT with a silent ROLLBACK.
    pub(crate) fn take_failed(&self) -> bool {
        self.failed.swap(false, Ordering::AcqRel)
    }

    /// Returns `true` if a statement failed because of another transaction, and none has succeeded since.
    pub(crate) fn conflicted(&self) -> bool {
        self.conflicted.load(Ordering::Acquire)
    }

    /// Returns what the statements of the body have met.
    pub(crate) fn met(&self) -> Met {
        let timeout = self.last_timeout.load(Ordering::Relaxed);
        Met { timeout, conflicted: self.conflicted() }
    }

    /// Makes it what it was before a statement that is not the body's.
    pub(crate) fn restore(&self, Met { timeout, conflicted }: Met) {
        self.last_timeout.store(timeout, Ordering::Relaxed);
        self.conflicted.store(conflicted, Ordering::Release);
    }

    /// Asks for the innermost transaction or savepoint to be rolled back at its end.
    pub(crate) fn roll_back(&self) {
        self.roll_back.store(true, Ordering::Release);
    }

    /// Returns `true` if a rollback was asked for since the last call.
    pub(crate) fn take_roll_back(&self) -> bool {
        self.roll_back.swap(false, Ordering::AcqRel)
    }

    /// Returns `true` if the transaction has ended, by whomever. A statement that is sent then is in no
    /// transaction.
    pub(crate) fn transaction_over(&self) -> bool {
        if self.transaction_over.load(Ordering::Acquire) {
            return true;
        }
        let before = self.rollbacks_before.load(Ordering::Acquire);
        let now = self.rollbacks.as_ref().map(|rollbacks| rollbacks.load(Ordering::Acquire));
        before != NONE_BEGUN && now != Some(before)
    }

    /// Returns `true` if the transaction had ended before a statement of ours, which found that out.
    pub(crate) fn ended_before(&self) -> bool {
        self.ended_before.load(Ordering::Acquire)
    }

    /// Records that a statement is about to be sent that may commit the transaction without a word.
    pub(crate) fn record_implicit_commit(&self) {
        self.may_be_committed.store(true, Ordering::Release);
    }

    /// Returns `true` if a part of the transaction may have taken effect, unless a ROLLBACK has shown that it was
    /// whole.
    pub(crate) fn may_be_done(&self) -> bool {
        // Nothing has succeeded since the conflict at which the server has rolled it back, as MySQL can be told to.
        let rolled_back = self.conflicted() && !self.unchecked_used();
        self.may_be_committed.load(Ordering::Acquire) || (self.ended_before() && !rolled_back)
    }

    /// Returns `true` if a COMMIT was sent and its outcome is not known.
    pub(crate) fn committing(&self) -> bool {
        self.committing.load(Ordering::Acquire)
    }

    pub(crate) fn set_committing(&self, committing: bool) {
        self.committing.store(committing, Ordering::Release);
    }
}

/// The end of the lease.
impl LeaseState {
    /// Returns `true` if the last statement found its session ended, because the transaction stood idle for too
    /// long.
    pub(crate) fn ran_into_idle_limit(&self) -> bool {
        self.last_timeout.load(Ordering::Relaxed) == IDLE_IN_TRANSACTION
    }

    /// The setting whose limit the server enforced on the last statement of the body.
    pub(crate) fn ended_by(&self) -> Option<&'static str> {
        match self.last_timeout.load(Ordering::Relaxed) {
            STATEMENT_TIMEOUT => Some("statement_timeout"),
            IDLE_IN_TRANSACTION => Some("idle_in_transaction_timeout"),
            _ => None,
        }
    }

    /// Records a stall. Returns `true` for the first one.
    pub(crate) fn record_stall(&self) -> bool {
        !self.stalled.swap(true, Ordering::Relaxed)
    }

    /// Records that the connection is closed.
    pub(crate) fn close(&self) {
        self.closed.notify_one();
    }

    /// Waits until the connection is closed.
    pub(crate) async fn closed(&self) {
        self.closed.notified().await;
    }

    pub(crate) fn revoke(&self, reason: Revocation) {
        // A lease is revoked once.
        let _ = self.revoked.set(reason);
    }

    pub(crate) fn revoked(&self) -> Option<Revocation> {
        self.revoked.get().copied()
    }
}

/// The way in which a statement failed.
#[derive(Clone, Copy)]
pub(crate) enum Failure {
    /// The server answered with an error.
    Answer(ErrorClass),
    /// The connection itself cannot be trusted any more.
    Broken,
}

impl Failure {
    /// Returns `None` for an error on this side, which leaves the connection as it was.
    pub(crate) fn of<DB: Backend>(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Database(error) => Some(Failure::Answer(DB::classify(&**error))),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Some(Failure::Broken),
            _ => None,
        }
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::backend::Verdict;
use crate::error::Revocation;
use crate::holder::LeaseInfo;
use crate::pool::queue::Tenant;
use crate::site::CallSite;

/// One lease's state, shared between the lease, its statements and whoever watches.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) site: CallSite,
    pub(crate) tenant: Tenant,
    pub(crate) since: Instant,
    statement_timeout: Duration,
    /// Nanoseconds after `since`: when the statement that is under way was sent.
    departed: AtomicU64,
    broken: AtomicBool,
    failed: AtomicBool,
    revoked: AtomicU8,
    committing: AtomicBool,
    touched: AtomicBool,
    /// Which server-side limit the last statement met, and which one ended the body.
    met: AtomicU8,
    cut: AtomicU8,
    busy_nanos: AtomicU64,
    /// Of the connection, where its database ends transactions by itself; and as many as there were
    /// when this lease's began.
    rollbacks: Option<Arc<AtomicU64>>,
    rollbacks_before: AtomicU64,
}

/// In `departed`, where no statement is under way.
const LANDED: u64 = u64::MAX;

/// In `rollbacks_before`, where no transaction has begun.
const NONE_BEGUN: u64 = u64::MAX;

/// In `met` and `cut`.
const STATEMENT_TIMEOUT: u8 = 1;
const IDLE_IN_TRANSACTION: u8 = 2;

impl Log {
    pub(crate) fn open(
        site: CallSite,
        tenant: Tenant,
        since: Instant,
        statement_timeout: Duration,
        rollbacks: Option<Arc<AtomicU64>>,
    ) -> Self {
        Log {
            site,
            tenant,
            since,
            statement_timeout,
            departed: AtomicU64::new(LANDED),
            broken: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            revoked: AtomicU8::new(0),
            committing: AtomicBool::new(false),
            touched: AtomicBool::new(false),
            met: AtomicU8::new(0),
            cut: AtomicU8::new(0),
            busy_nanos: AtomicU64::new(0),
            rollbacks,
            rollbacks_before: AtomicU64::new(NONE_BEGUN),
        }
    }

    pub(crate) fn holder(&self) -> LeaseInfo {
        LeaseInfo {
            site: self.site,
            age: self.since.elapsed(),
            in_query: self.in_flight(),
            tenant: self.tenant.clone(),
        }
    }

    /// A statement is about to be sent.
    pub(crate) fn depart(&self) {
        self.met.store(0, Ordering::Relaxed);
        self.departed.store(self.nanos(), Ordering::Release);
    }

    /// Its answer has been read to the end.
    pub(crate) fn land(&self, end: Option<Landing>) {
        let busy = self.nanos().saturating_sub(self.departed.load(Ordering::Acquire));
        match end {
            None => {}
            Some(Landing::Answer(verdict)) => {
                self.failed.store(true, Ordering::Release);
                let busy = Duration::from_nanos(busy);
                if verdict == Verdict::Cancelled && busy >= self.statement_timeout {
                    self.met.store(STATEMENT_TIMEOUT, Ordering::Relaxed);
                }
                if verdict == Verdict::IdleInTransaction {
                    self.met.store(IDLE_IN_TRANSACTION, Ordering::Relaxed);
                }
                if matches!(verdict, Verdict::IdleInTransaction | Verdict::Ended) {
                    self.broken.store(true, Ordering::Release);
                }
            }
            Some(Landing::Broken) => self.broken.store(true, Ordering::Release),
        }
        self.busy_nanos.fetch_add(busy, Ordering::Relaxed);
        self.departed.store(LANDED, Ordering::Release);
    }

    /// How long it has been open.
    fn nanos(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Sent and not answered: nobody knows what the connection is in the middle of.
    pub(crate) fn in_flight(&self) -> bool {
        self.departed.load(Ordering::Acquire) != LANDED
    }

    pub(crate) fn broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Whether a statement has failed since the last call: PostgreSQL refuses the rest of such a
    /// transaction, and answers its COMMIT with a silent ROLLBACK.
    pub(crate) fn take_failed(&self) -> bool {
        self.failed.swap(false, Ordering::AcqRel)
    }

    /// A transaction has begun.
    pub(crate) fn begin(&self) {
        self.failed.store(false, Ordering::Release);
        if let Some(rollbacks) = &self.rollbacks {
            self.rollbacks_before.store(rollbacks.load(Ordering::Acquire), Ordering::Release);
        }
    }

    /// Whether it has been rolled back, by whomever: what is sent now is in no transaction.
    pub(crate) fn rolled_back(&self) -> bool {
        let before = self.rollbacks_before.load(Ordering::Acquire);
        let now = self.rollbacks.as_ref().map(|rollbacks| rollbacks.load(Ordering::Acquire));
        before != NONE_BEGUN && now != Some(before)
    }

    /// The body has ended: what its last statement met is what ended it.
    pub(crate) fn note_cut(&self) {
        let met = self.met.swap(0, Ordering::Relaxed);
        if met != 0 {
            self.cut.store(met, Ordering::Relaxed);
        }
    }

    /// The setting whose limit the server enforced on it.
    pub(crate) fn cut(&self) -> Option<&'static str> {
        match self.cut.load(Ordering::Relaxed) {
            STATEMENT_TIMEOUT => Some("statement_timeout"),
            IDLE_IN_TRANSACTION => Some("idle_in_transaction_timeout"),
            _ => None,
        }
    }

    /// Whether a COMMIT was sent and its outcome is not known.
    pub(crate) fn committing(&self) -> bool {
        self.committing.load(Ordering::Acquire)
    }

    pub(crate) fn set_committing(&self, committing: bool) {
        self.committing.store(committing, Ordering::Release);
    }

    /// Whether code that is not checked had the connection.
    pub(crate) fn touched(&self) -> bool {
        self.touched.load(Ordering::Acquire)
    }

    pub(crate) fn touch(&self) {
        self.touched.store(true, Ordering::Release);
    }

    /// For how long statements have been under way, the one that is now among them.
    pub(crate) fn busy(&self) -> Duration {
        let under_way = self.nanos().saturating_sub(self.departed.load(Ordering::Acquire));
        Duration::from_nanos(self.busy_nanos.load(Ordering::Relaxed).saturating_add(under_way))
    }

    pub(crate) fn revoke(&self, reason: Revocation) {
        self.revoked.store(reason as u8, Ordering::Release);
    }

    pub(crate) fn revoked(&self) -> Option<Revocation> {
        match self.revoked.load(Ordering::Acquire) {
            1 => Some(Revocation::Unpolled),
            2 => Some(Revocation::Closed),
            _ => None,
        }
    }
}

/// How a statement ended that did not succeed.
#[derive(Clone, Copy)]
pub(crate) enum Landing {
    /// The server answered with an error.
    Answer(Verdict),
    /// The connection itself is not to be trusted any more.
    Broken,
}

impl Landing {
    /// `None` for what failed on this side, with the connection as it was.
    pub(crate) fn of<DB: crate::Backend>(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Database(error) => Some(Landing::Answer(DB::verdict(&**error))),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Some(Landing::Broken),
            _ => None,
        }
    }
}

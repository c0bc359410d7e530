use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::site::Site;

/// Who holds a connection, since when, and whether a statement is running on it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Holder {
    /// Where the lease was opened.
    pub site: Site,
    /// How long it has been open.
    pub age: Duration,
    /// Whether a statement is running now.
    pub in_query: bool,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.in_query { "in a query" } else { "between queries" };
        write!(f, "{} for {:.1?}, {state}", self.site, self.age)
    }
}

/// One lease's state, shared between the lease, its statements and whoever watches.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) site: Site,
    pub(crate) since: Instant,
    in_flight: AtomicBool,
    broken: AtomicBool,
    failed: AtomicBool,
    revoked: AtomicBool,
    busy_nanos: AtomicU64,
}

impl Log {
    pub(crate) fn open(site: Site) -> Self {
        Log {
            site,
            since: Instant::now(),
            in_flight: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            revoked: AtomicBool::new(false),
            busy_nanos: AtomicU64::new(0),
        }
    }

    pub(crate) fn holder(&self) -> Holder {
        Holder { site: self.site, age: self.since.elapsed(), in_query: self.in_flight() }
    }

    /// A statement is about to be sent.
    pub(crate) fn depart(&self) {
        self.in_flight.store(true, Ordering::Release);
    }

    /// Its answer has been read to the end.
    pub(crate) fn land(&self, error: Option<&sqlx::Error>, busy: Duration) {
        match error {
            None => {}
            Some(error) if is_fatal(error) => self.broken.store(true, Ordering::Release),
            Some(sqlx::Error::Database(_)) => self.failed.store(true, Ordering::Release),
            Some(_) => {}
        }
        let nanos = u64::try_from(busy.as_nanos()).unwrap_or(u64::MAX);
        self.busy_nanos.fetch_add(nanos, Ordering::Relaxed);
        self.in_flight.store(false, Ordering::Release);
    }

    /// Sent and not answered: nobody knows what the connection is in the middle of.
    pub(crate) fn in_flight(&self) -> bool {
        self.in_flight.load(Ordering::Acquire)
    }

    pub(crate) fn broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Whether a statement has failed since the last call: PostgreSQL refuses the rest of such a
    /// transaction, and answers its COMMIT with a silent ROLLBACK.
    pub(crate) fn take_failed(&self) -> bool {
        self.failed.swap(false, Ordering::AcqRel)
    }

    pub(crate) fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy_nanos.load(Ordering::Relaxed))
    }

    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    pub(crate) fn revoked(&self) -> bool {
        self.revoked.load(Ordering::Acquire)
    }
}

/// Errors after which the connection itself is not to be trusted.
fn is_fatal(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Database(error) = error {
        return error.code().is_some_and(|code| ends_session(&code));
    }
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
    )
}

/// What PostgreSQL says before it hangs up: shutdowns, terminations, its own time limits.
fn ends_session(code: &str) -> bool {
    code.starts_with("57P") || code.starts_with("08") || code == "25P03" || code == "25P04"
}

use std::fmt;
use std::time::Duration;

use sqlx::error::DatabaseError;

use crate::call_site::CallSite;
use crate::lease_info::LeaseInfo;

#[cfg(feature = "postgres")]
pub(crate) use self::connect::NotWanted;
pub(crate) use self::connect::asks_for_unknown_login;
use self::connect::connect_cause;

mod connect;
mod public;

/// The errors of leases and of the handle. Statements in a body fail with [`sqlx::Error`], which converts
/// into this. The
/// [operating guide](https://github.com/shortlease/shortlease/blob/main/docs/operating.md#errors) says for each what to do,
/// and if it helps to try again.
///
/// A handler's own error type takes it by `From<shortlease::Error>`. Clients get [`code`](Error::code),
/// [`public_message`](Error::public_message) and [`retry_after`](Error::retry_after); the text is for logs.
///
/// No variant prints a password or a URL. [`Debug`] prints the text too, because `main` shows an error that it returns by
/// that.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection within `acquire_timeout`, or while the pool is overloaded within `queue_target`. On SQLite, somebody
    /// else has had the file locked for too long, at BEGIN, a statement or COMMIT. Nothing was done in the database: try again
    /// later.
    #[error(transparent)]
    Busy(#[from] Box<Busy>),

    /// The lease was open for too long. At `max_lease` its body was dropped, or no COMMIT was sent after it; at a limit of the
    /// server its statement failed. Its transaction was rolled back.
    #[error(
        "the lease at {site} was cut after {held:.1?}: it exceeds `{setting}`, so do less in one \
         lease or raise the setting"
    )]
    #[non_exhaustive]
    LeaseExpired {
        /// The place where it was opened.
        site: CallSite,
        /// The time that it had been open.
        held: Duration,
        /// The limit it met: `max_lease`, or one of those that the server enforces,
        /// `statement_timeout` and `idle_in_transaction_timeout`.
        setting: &'static str,
    },

    /// The connection was taken away from the lease, and its session ended.
    #[error("the lease at {site} was revoked: {reason}, so its connection was closed")]
    #[non_exhaustive]
    LeaseRevoked {
        /// The place where it was opened.
        site: CallSite,
        /// The reason.
        reason: Revocation,
    },

    /// A statement failed, with this error of `sqlx`.
    #[error(transparent)]
    Database(sqlx::Error),

    /// No connection could be made. A lease ends in it only for a reason that will not pass by itself, such as a wrong
    /// password.
    #[error("cannot connect to the database, {cause}: {0}", cause = connect_cause(.0))]
    Connect(sqlx::Error),

    /// The session of a [`Dedicated`](crate::Dedicated) or of migrations is gone, and a statement with it that was under
    /// way. Nobody knows if it took effect, so look before you repeat it.
    #[error(
        "the session is gone: {reason}; check what its last statement did before you repeat it"
    )]
    SessionLost {
        /// How that was found out.
        reason: &'static str,
    },

    /// Another extractor of the same request has its session: a middleware drops its own before `next.run(request)`, a
    /// handler takes one, and an extractor that reads the database stands before the handler's own session.
    #[cfg(feature = "axum")]
    #[error(
        "the session of this request is in use: a middleware drops its own before `next.run(request)`, a \
         handler takes one, and an extractor that takes it stands before that"
    )]
    SessionInUse,

    /// A setting has a value that cannot work, or does not allow the call.
    #[error("setting `{setting}` {reason}")]
    Setting {
        /// The setting, as the builder's method is named; or `url`, `tenant`, `dedicated` or `channels`.
        setting: &'static str,
        /// The mistake, and the value to use instead.
        reason: String,
    },

    /// The connection broke, or `max_lease` ran out, while COMMIT was under way. Nobody knows if the transaction took effect,
    /// so look before you repeat it.
    ///
    /// A transaction that is dropped during COMMIT has an unknown outcome too. It is reported as an event of `tracing`, because
    /// there is nobody to return an error to.
    #[error(
        "the transaction at {site} has an unknown outcome, as it was cut short during COMMIT: \
         {cause}"
    )]
    #[non_exhaustive]
    CommitUnknown {
        /// The place where it was opened.
        site: CallSite,
        /// The error that the connection broke with.
        cause: sqlx::Error,
    },

    /// The transaction was rolled back, although its body returned `Ok`. A statement in it had failed and ended the
    /// transaction, or a savepoint was dropped half way.
    ///
    /// PostgreSQL ends a transaction at any failure outside of a savepoint. SQLite does so rarely, and then also in
    /// savepoints: at `ON CONFLICT ROLLBACK`, a full disk, some I/O errors.
    #[error(
        "the transaction at {site} was rolled back: a statement in it had failed, or a savepoint was \
         dropped half way, and the body returned `Ok`; return the error, or, on PostgreSQL, put the \
         statement in a savepoint"
    )]
    #[non_exhaustive]
    TransactionAborted {
        /// The place where it was opened.
        site: CallSite,
    },

    /// The transaction had ended before its COMMIT or ROLLBACK. Each statement until then was committed or
    /// rolled back without the rest, and each one after it took effect by itself. Look before repeating it.
    ///
    /// MySQL and MariaDB commit a transaction at any statement that changes the schema, such as `CREATE TABLE`,
    /// and at `BEGIN` and `LOCK TABLES`. They say nothing, and go on without a transaction. With `innodb_rollback_on_timeout`
    /// they roll it back when a lock wait times out, and go on in the same way.
    ///
    /// It stands in place of the body's own error, which would mean that nothing was done. If the transaction is cut before its
    /// ROLLBACK is answered, it is also the error after a statement that may have committed, such as `CALL`.
    #[error(
        "the transaction at {site} may have taken effect in part: it had ended before its end, at a statement \
         that commits by itself or at a lock wait timeout with `innodb_rollback_on_timeout`, or was cut \
         after such a statement; change no schema in it, begin no other one, lock no tables"
    )]
    #[non_exhaustive]
    TransactionEnded {
        /// The place where it was opened.
        site: CallSite,
    },

    /// A migration failed.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),

    /// Another process migrates the database, or has left its lock taken. Nothing was done.
    #[error("the migrations wait for {holder}: it has the lock for longer than {waited:.1?}")]
    #[non_exhaustive]
    MigrationLocked {
        /// The time that they waited.
        waited: Duration,
        /// The holder of the lock, as the server names it.
        holder: String,
    },

    /// The [`Db`](crate::Db) was closed.
    #[error("the database handle is closed, so it opens no more leases")]
    Closed,
}

impl Error {
    pub(crate) fn setting(setting: &'static str, reason: impl Into<String>) -> Self {
        Error::Setting { setting, reason: reason.into() }
    }

    /// Returns a stable word for the kind of error, for logs and clients: `busy`, `lease_expired`. The
    /// words are in the section [Errors](https://github.com/shortlease/shortlease/blob/main/docs/operating.md#errors)
    /// of the operating guide.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Busy(_) => "busy",
            Error::LeaseExpired { .. } => "lease_expired",
            Error::LeaseRevoked { .. } => "lease_revoked",
            Error::Database(_) => "database",
            Error::Connect(_) => "connect",
            Error::SessionLost { .. } => "session_lost",
            #[cfg(feature = "axum")]
            Error::SessionInUse => "session_in_use",
            Error::Setting { .. } => "setting",
            Error::CommitUnknown { .. } => "commit_unknown",
            Error::TransactionAborted { .. } => "transaction_aborted",
            Error::TransactionEnded { .. } => "transaction_ended",
            Error::Migrate(_) => "migrate",
            Error::MigrationLocked { .. } => "migration_locked",
            Error::Closed => "closed",
        }
    }

    /// Returns `true` if the same call may succeed later, unchanged: nothing was done, and the reason passes by itself. After
    /// [`Connect`](Error::Connect) and [`Closed`](Error::Closed) somebody has to act first, though a client may find another
    /// instance, or a repaired one: see [`retry_after`](Error::retry_after).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Error::Busy(_) | Error::MigrationLocked { .. })
    }

    /// Returns the answer of the database to a statement that failed, as [`sqlx::Error::as_database_error`] does: to ask it
    /// for `is_unique_violation()`, or for `code()`.
    #[must_use]
    pub fn as_database_error(&self) -> Option<&(dyn DatabaseError + 'static)> {
        match self {
            Error::Database(error) => error.as_database_error(),
            _ => None,
        }
    }
}

/// An error that was converted into one of `sqlx` comes back as it was, but for [`Error::Connect`]: that was made `sqlx`'s own,
/// and is an [`Error::Database`] then.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(io) => {
                io.downcast().unwrap_or_else(|io| Error::Database(sqlx::Error::Io(io)))
            }
            other => Error::Database(other),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// For handlers that return [`sqlx::Error`]: what is not one already is an I/O error with ours as
/// its source.
impl From<Error> for sqlx::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) | Error::Connect(error) => error,
            other => sqlx::Error::Io(std::io::Error::other(other)),
        }
    }
}

/// The reason why a lease was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revocation {
    /// It was open for longer than `max_lease`, and its future was not polled any more: it was
    /// forgotten, or stands in a task that is blocked, or in a `select!` that waits for another
    /// branch.
    Unpolled,
    /// Nobody polled it for `stall_timeout` although the database had answered, while somebody waited
    /// for a connection: it stands in a stream or a `select!` that is not polled, or its task is
    /// blocked.
    Stalled,
    /// [`Db::close`](crate::Db::close) waited for it until its deadline.
    Closed,
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Revocation::Unpolled => "nothing polled it for longer than `max_lease`",
            Revocation::Stalled => {
                "nothing polled it for `stall_timeout` after the database had answered, and others waited"
            }
            Revocation::Closed => "the database handle was closed, and waited until its deadline",
        })
    }
}

/// The thing that a lease was waiting for when its time to wait ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitPhase {
    /// For a free slot: all connections are held.
    Queue,
    /// For an answer from an idle connection, or for a new one in its place.
    Validate,
    /// For a new connection.
    Connect,
    /// For its turn to write, or for others that have the file locked: where the database has one writer. Without WAL, a
    /// COMMIT waits for those that read.
    WriteLock,
    /// For the pooler to lend a session to the transaction that the lease is.
    Pooler,
    /// For a connection of the `sqlx` pool that the handle was made [over](crate::Db::builder_from_pool), which
    /// others use too, and which makes connections where it has to.
    SharedPool,
}

impl WaitPhase {
    /// Returns its name in metrics, events and JSON, such as `write_lock`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            WaitPhase::Queue => "queue",
            WaitPhase::Validate => "validate",
            WaitPhase::Connect => "connect",
            WaitPhase::WriteLock => "write_lock",
            WaitPhase::Pooler => "pooler",
            WaitPhase::SharedPool => "shared_pool",
        }
    }
}

impl fmt::Display for WaitPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WaitPhase::Queue => "waiting for a free connection",
            WaitPhase::Validate => "validating an idle connection or replacing it",
            WaitPhase::Connect => "opening a connection",
            WaitPhase::WriteLock => "waiting for its turn to write",
            WaitPhase::Pooler => "waiting for a session of the pooler",
            WaitPhase::SharedPool => "waiting for the `sqlx` pool, which others use too",
        })
    }
}

/// The reason why a lease got no connection, with the figures to act on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub struct Busy {
    /// The thing that it was waiting for at the end.
    pub phase: WaitPhase,
    /// The time that it waited in all.
    pub waited: Duration,
    /// The setting that ended the wait: `acquire_timeout`, or `queue_target` while the pool is overloaded. While somebody
    /// else has a SQLite file locked, it is SQLite's `busy_timeout`. `max_lease` may end that wait first, and one for a
    /// session of the pooler.
    pub setting: &'static str,
    /// The setting `max_connections`.
    pub max: u32,
    /// Connections in leases.
    pub used: u32,
    /// Connections open and free.
    pub idle: u32,
    /// Connections that leases left in the middle of something, being brought back: they count
    /// against what the server is asked for.
    pub recovering: u32,
    /// Others in the queue.
    pub waiting: u32,
    /// The last error of a connect, if new connections cannot be made.
    pub connect_error: Option<String>,
    /// The longest holders, at most three, longest first. Printed without their tenants, as the text
    /// may reach another.
    pub holders: Vec<LeaseInfo>,
}

impl Busy {
    /// The setting that ends most waits.
    pub(crate) const ACQUIRE_TIMEOUT: &'static str = "acquire_timeout";
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no database connection within {:.1?} (`{}`), still {}: {} of {} in use, {} idle, {} \
             waiting",
            self.waited, self.setting, self.phase, self.used, self.max, self.idle, self.waiting
        )?;
        if self.recovering > 0 {
            write!(f, ", {} being recovered", self.recovering)?;
        }
        if let Some(error) = &self.connect_error {
            write!(f, "; no new connection could be made: {error}")?;
        }
        for (nth, holder) in self.holders.iter().enumerate() {
            f.write_str(if nth == 0 { "; held longest by " } else { ", " })?;
            holder.anonymous(f)?;
        }
        Ok(())
    }
}

/// Why a connection of a `sqlx` pool is not used.
#[derive(Debug, thiserror::Error)]
#[error("another user of the `sqlx` pool has left a transaction open on the connection")]
pub(crate) struct ForeignTransaction;

impl ForeignTransaction {
    pub(crate) fn error() -> sqlx::Error {
        sqlx::Error::Io(std::io::Error::other(ForeignTransaction))
    }

    /// Returns `true` if the error is this one.
    pub(crate) fn is(error: &sqlx::Error) -> bool {
        let sqlx::Error::Io(io) = error else { return false };
        io.get_ref().is_some_and(|source| source.is::<ForeignTransaction>())
    }
}

/// The error of a statement on a revoked lease. The lease itself then ends in [`Error::LeaseRevoked`].
#[derive(Debug, thiserror::Error)]
#[error("the lease was revoked")]
pub(crate) struct Revoked;

/// The error of a statement whose transaction was over before it was sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "the transaction is over, as an earlier statement ended it, so this one would be in none; return \
     that statement's error"
)]
pub(crate) struct TransactionOver;

/// The error of a statement on a connection whose last answer cannot be read to its end.
#[derive(Debug, thiserror::Error)]
#[error(
    "an earlier statement of the lease was dropped before its answer or broke the connection, which \
     `sqlx` cannot read on; end the lease"
)]
pub(crate) struct Torn;

/// The error of a statement on a connection that a thread was to read, and does not give back.
#[derive(Debug, thiserror::Error)]
#[error(
    "an earlier statement was dropped, and the thread that reads the rest of its answer could not be \
     started, or has panicked; end the lease"
)]
pub(crate) struct NotRead;

impl NotRead {
    pub(crate) fn error() -> sqlx::Error {
        sqlx::Error::Io(std::io::Error::other(NotRead))
    }
}

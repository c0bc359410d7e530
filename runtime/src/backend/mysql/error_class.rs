use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use super::super::driver::ErrorClass;

/// The savepoint that each transaction begins with. It is gone if the transaction has ended by itself.
macro_rules! begun {
    () => {
        "shortlease_begun"
    };
}
pub(super) use begun;

/// The beginning of the server's message about a savepoint of ours that is not there.
const NO_SAVEPOINT_OF_OURS: &str = "SAVEPOINT shortlease";

pub(super) fn number_of(error: &dyn DatabaseError) -> Option<u16> {
    error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

pub(super) fn classify(error: &dyn DatabaseError) -> ErrorClass {
    let Some(number) = number_of(error) else { return ErrorClass::Failed };
    let says = |words: &str| error.message().contains(words);
    match number {
        // A lock wait timeout takes back its statement only; so does MySQL's `NOWAIT`. A table that has changed since the
        // snapshot.
        1205 | 3572 | 1412 => ErrorClass::Conflict,
        // Deadlock; a record that has changed since the snapshot; no room for locks; group replication.
        1213 | 1020 | 1206 | 3101 => ErrorClass::RolledBack,
        1305 if says(NO_SAVEPOINT_OF_OURS) => ErrorClass::TransactionEnded,
        // Killed; MariaDB's `max_statement_time`; MySQL's `max_execution_time`.
        1317 | 1969 | 3024 => ErrorClass::Cancelled,
        // To be prepared again; not prepared.
        1615 | 1243 => ErrorClass::Stale,
        // The same number is about any option that forbids a statement.
        1290 if says("read-only") || says("read_only") => ErrorClass::ReadOnly,
        // The engine; the transaction.
        1836 | 1792 => ErrorClass::ReadOnly,
        // Shutdown, forced close, a packet that is too large and other network errors, aborted, killed twice, not heard of
        // for too long, too much memory of all sessions and of this one.
        1053 | 1080 | 1152..=1161 | 1184 | 1927 | 3169 | 4031 | 4081 | 4082 => ErrorClass::Ended,
        _ => ErrorClass::Failed,
    }
}

/// Returns `true` for no room on the server in two ways, no room for the account in two ways, shutdown, and `offline_mode`.
pub(super) fn may_pass(error: &dyn DatabaseError) -> bool {
    matches!(number_of(error), Some(1040 | 4081 | 1203 | 1226 | 1053 | 3032))
}

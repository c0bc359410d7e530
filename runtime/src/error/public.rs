use std::time::Duration;

use super::Error;

impl Error {
    /// Returns how long a client should wait before it repeats a call that failed with this. `None` if
    /// repeating it is not likely to help, or not known to be safe.
    ///
    /// It speaks of the lease that failed. The effects of earlier leases of the same handler stay.
    ///
    /// Clients that add a random part to the pause do not come back together.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Busy(_) => Some(Duration::from_secs(2)),
            Error::MigrationLocked { .. } => Some(Duration::from_secs(10)),
            // The database, or this process, has to come back first.
            Error::Connect(_) | Error::Closed => Some(Duration::from_secs(10)),
            _ => None,
        }
    }

    /// Returns a sentence for clients, which is the same for all errors of a [`code`](Error::code). It names
    /// no statement, table, file, host or user. [`Display`](std::fmt::Display) is for logs.
    #[must_use]
    pub fn public_message(&self) -> &'static str {
        match self {
            Error::Busy(_) | Error::MigrationLocked { .. } => {
                "The database is busy. Try again later."
            }
            Error::Connect(_) | Error::Closed => "The database is not available. Try again later.",
            Error::LeaseExpired { .. } | Error::LeaseRevoked { .. } => {
                "The database took too long. Ask for less."
            }
            Error::CommitUnknown { .. }
            | Error::TransactionEnded { .. }
            | Error::SessionLost { .. } => {
                "It is not known if this was saved. Check before you repeat it."
            }
            #[cfg(feature = "axum")]
            Error::SessionInUse => "This did not work. It has been logged.",
            Error::Database(_)
            | Error::Setting { .. }
            | Error::TransactionAborted { .. }
            | Error::Migrate(_) => "This did not work. It has been logged.",
        }
    }
}

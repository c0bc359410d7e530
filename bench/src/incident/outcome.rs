//! What came of a request, as its client sees it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The body of an answer that is a failure.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) detail: String,
}

/// Why the server failed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    Unauthorized,
    BackendFailed,
    BackendSilent,
    PoolTimeout,
    Database,
}

/// Each call that was begun, by its number, and its outcome.
pub(super) type Ledger = Vec<(u64, Outcome)>;

/// What came of a request.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// An answer.
    Succeeded,
    /// The backend failed, and its failure was passed on.
    BackendFailed,
    /// The backend said nothing for as long as the server waits.
    BackendSilent,
    /// No connection to the database in time.
    PoolTimeout,
    /// The database refused or dropped what the server asked of it: a protocol error to the user.
    ProtocolError,
    /// The server did not answer in time.
    NoAnswer,
    /// The connection to the server failed, or what it said makes no sense.
    Broken,
}

impl Outcome {
    /// The backend's doing; the server did its part.
    pub(super) fn is_the_backends(self) -> bool {
        matches!(self, Outcome::BackendFailed | Outcome::BackendSilent)
    }

    /// The server's part was done, whatever the backend said.
    pub(super) fn is_served(self) -> bool {
        self == Outcome::Succeeded || self.is_the_backends()
    }

    /// The user learnt whether the call was recorded.
    pub(super) fn records(self) -> Option<bool> {
        match self {
            Outcome::Succeeded => Some(true),
            Outcome::BackendFailed | Outcome::BackendSilent | Outcome::PoolTimeout => Some(false),
            Outcome::ProtocolError | Outcome::NoAnswer | Outcome::Broken => None,
        }
    }
}

impl From<Code> for Outcome {
    fn from(code: Code) -> Outcome {
        match code {
            Code::BackendFailed => Outcome::BackendFailed,
            Code::BackendSilent => Outcome::BackendSilent,
            Code::PoolTimeout => Outcome::PoolTimeout,
            Code::Database => Outcome::ProtocolError,
            Code::Unauthorized => Outcome::Broken,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Succeeded => "succeeded",
            Outcome::BackendFailed => "backend failed",
            Outcome::BackendSilent => "backend silent",
            Outcome::PoolTimeout => "pool timeout",
            Outcome::ProtocolError => "protocol error",
            Outcome::NoAnswer => "no answer",
            Outcome::Broken => "broken",
        })
    }
}

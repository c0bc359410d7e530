//! Why a request has no answer.

use std::time::Duration;

use crate::upstream::UpstreamError;

/// Why a request has no answer. [`public_message`](Error::public_message) is what a client may read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or not one of ours.
    #[error("no valid token")]
    Unauthenticated,
    /// A tool that does not exist, or that the team may not call.
    #[error("no such tool")]
    NoSuchTool,
    /// Nothing has that name.
    #[error("{0} does not exist")]
    NotFound(&'static str),
    /// A new team with the name of a removed one.
    #[error(
        "calls or audit entries of a removed team with this name are kept: choose another name"
    )]
    NameTaken,
    /// A request that cannot be carried out as it is.
    #[error("{0}")]
    Invalid(String),
    /// A request body above the limit.
    #[error("the request is longer than permitted")]
    TooLarge,
    /// More calls than the team may make.
    #[error("too many calls")]
    RateLimited {
        /// When the next is permitted.
        retry_after: Duration,
    },
    /// Too many tokens are looked up that were not good lately.
    #[error("too many tokens that were not good lately are looked up")]
    TooManyTokens {
        /// When this one is worth another try.
        retry_after: Duration,
    },
    /// The upstream has no answer.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The database has none.
    #[error(transparent)]
    Lease(#[from] shortlease::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Error::Lease(error.into())
    }
}

impl Error {
    /// Returns a stable word for the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Unauthenticated => "unauthenticated",
            Error::NoSuchTool => "no_such_tool",
            Error::NotFound(_) => "not_found",
            Error::NameTaken => "name_taken",
            Error::Invalid(_) => "invalid",
            Error::TooLarge => "too_large",
            Error::RateLimited { .. } => "rate_limited",
            Error::TooManyTokens { .. } => "too_many_tokens",
            Error::Upstream(error) => error.code(),
            Error::Lease(error) => error.code(),
        }
    }

    /// Returns the text for a client: nothing of SQL, hosts or credentials.
    #[must_use]
    pub fn public_message(&self) -> String {
        match self {
            Error::Unauthenticated => {
                "Send a valid token: as `Authorization: Bearer ..`, or in GATEWAY_TOKEN over stdio."
                    .into()
            }
            Error::NoSuchTool => "There is no such tool for this team.".into(),
            Error::NotFound(_)
            | Error::NameTaken
            | Error::Invalid(_)
            | Error::TooLarge
            | Error::RateLimited { .. }
            | Error::TooManyTokens { .. } => self.to_string(),
            Error::Upstream(error) => error.public_message().into(),
            Error::Lease(error) => error.public_message().into(),
        }
    }

    /// Returns how long to wait before the same request is worth another try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::RateLimited { retry_after } | Error::TooManyTokens { retry_after } => {
                Some(*retry_after)
            }
            Error::Upstream(error) => error.retry_after(),
            Error::Lease(error) => error.retry_after(),
            _ => None,
        }
    }
}

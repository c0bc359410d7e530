use std::time::Duration;

/// Why an upstream has no answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// None within the limit.
    #[error("no answer in time")]
    Timeout,
    /// It failed several times in a row, and is not called for a while.
    #[error("left alone after failures")]
    Resting {
        /// When it is tried again.
        retry_after: Duration,
    },
    /// The policy does not permit its address.
    #[error("its address is not permitted: {0}")]
    Forbidden(String),
    /// It cannot be reached, broke off, or says that it failed.
    #[error("not reached: {0}")]
    Unreachable(String),
    /// It answers, but not with what was asked.
    #[error("no answer of the right kind: {0}")]
    Nonsense(String),
    /// Its list of tools is too long.
    #[error("more than 1000 tools, or more than 100 pages of them")]
    TooManyTools,
}

impl UpstreamError {
    pub(super) fn resting(retry_after: Duration) -> Self {
        UpstreamError::Resting { retry_after }
    }

    /// Returns a stable word for the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            UpstreamError::Timeout => "upstream_timeout",
            UpstreamError::Resting { .. } => "upstream_resting",
            UpstreamError::Forbidden(_) => "upstream_forbidden",
            UpstreamError::Unreachable(_) => "upstream_unreachable",
            UpstreamError::Nonsense(_) => "upstream_nonsense",
            UpstreamError::TooManyTools => "upstream_too_many_tools",
        }
    }

    /// Returns the text for a client, without addresses.
    #[must_use]
    pub fn public_message(&self) -> &'static str {
        match self {
            UpstreamError::Timeout => "The tool's server gave no answer in time.",
            UpstreamError::Resting { .. } => {
                "The tool's server failed several times and is left alone for a while."
            }
            UpstreamError::Forbidden(_) => "The address of the tool's server is not permitted.",
            UpstreamError::Unreachable(_) => "The tool's server cannot be reached, or fails.",
            UpstreamError::Nonsense(_) => "The tool's server gave an answer that is not one.",
            UpstreamError::TooManyTools => {
                "The server has more than 1000 tools, or lists them on more than 100 pages."
            }
        }
    }

    /// Returns how long to wait before the same call is worth another try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            UpstreamError::Resting { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

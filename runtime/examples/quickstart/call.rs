//! What is asked, and what can go wrong.

use crate::backend::BackendError;

/// One call of one tool.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) number: i64,
    pub(crate) tool_id: i64,
}

/// The migrations fill the table with this many, numbered from 1.
const TOOLS: i64 = 4;

impl Call {
    pub(crate) fn numbered(number: i64) -> Self {
        Call { number, tool_id: number % TOOLS + 1 }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error(transparent)]
    Lease(#[from] shortlease::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Backend(#[from] BackendError),
}

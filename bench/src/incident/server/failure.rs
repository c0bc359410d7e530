//! What a request fails with, and what the client sees of it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::incident::outcome::{Code, Problem};

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no such token")]
    Unauthorized,
    #[error("the backend failed: {0}")]
    Backend(#[from] reqwest::Error),
    #[error(transparent)]
    Lease(#[from] shortlease::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Failure {
    fn code(&self) -> Code {
        match self {
            Failure::Unauthorized => Code::Unauthorized,
            Failure::Backend(error) if error.is_timeout() => Code::BackendSilent,
            Failure::Backend(_) => Code::BackendFailed,
            Failure::Lease(shortlease::Error::Busy(_))
            | Failure::Database(sqlx::Error::PoolTimedOut) => Code::PoolTimeout,
            Failure::Lease(_) | Failure::Database(_) => Code::Database,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let code = self.code();
        let status = match code {
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::BackendFailed => StatusCode::BAD_GATEWAY,
            Code::BackendSilent => StatusCode::GATEWAY_TIMEOUT,
            Code::PoolTimeout => StatusCode::SERVICE_UNAVAILABLE,
            Code::Database => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(Problem { code, detail: self.to_string() })).into_response()
    }
}

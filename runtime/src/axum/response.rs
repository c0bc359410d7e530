use std::io::ErrorKind;

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use super::problem::Problem;
use crate::Error;

/// 503 if the database could not be had, or not in time, or went away; 500 otherwise. See [the module](crate::axum).
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = status(&self);
        let code = self.code();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(code, error = %self, "a request failed at the database");
        } else {
            tracing::error!(code, error = %self, "a request failed at the database");
        }
        let (detail, retry_after) = (self.public_message(), self.retry_after());
        Problem { status, code, detail, retry_after }.into_response()
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Busy(_)
        | Error::LeaseExpired { .. }
        | Error::LeaseRevoked { .. }
        | Error::Connect(_)
        | Error::SessionLost { .. }
        | Error::MigrationLocked { .. }
        | Error::Closed => StatusCode::SERVICE_UNAVAILABLE,
        Error::Database(error) if is_gone(error) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Returns `true` if the statement failed because the server stops, or its connection broke.
fn is_gone(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            matches!(&*code, "57P01" | "57P02" | "57P03")
                || code.len() == 5 && code.starts_with("08")
        }),
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
        ),
        _ => false,
    }
}

use std::io::ErrorKind;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::json;

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
        problem(status, &self)
    }
}

/// Returns the answer to a request that failed: RFC 9457, with our code.
fn problem(status: StatusCode, error: &Error) -> Response {
    let mut body = json!({
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": error.public_message(),
        "code": error.code(),
    });
    let retry_after = error.retry_after();
    if let Some(pause) = retry_after {
        body["retry_after_ms"] = json!(pause.as_millis());
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(pause) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(pause.as_secs().max(1)));
    }
    response
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

//! Errors as responses: problem documents (RFC 9457) with a stable code, those of shortlease its own.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::error::Error;
use crate::upstream::UpstreamError;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Error::Lease(error) => error.into_response(),
            error => problem(&error),
        }
    }
}

fn problem(error: &Error) -> Response {
    let status = status(error);
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
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(pause) = retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(pause.as_secs().max(1)));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::NoSuchTool | Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::NameTaken => StatusCode::CONFLICT,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Error::RateLimited { .. } | Error::TooManyTokens { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Upstream(UpstreamError::Timeout) => StatusCode::GATEWAY_TIMEOUT,
        Error::Upstream(UpstreamError::Resting { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Upstream(UpstreamError::Forbidden(_)) => StatusCode::FORBIDDEN,
        Error::Upstream(_) => StatusCode::BAD_GATEWAY,
        Error::Lease(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

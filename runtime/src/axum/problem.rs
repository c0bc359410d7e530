use std::time::Duration;

use axum_core::body::Body;
use axum_core::response::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// The answer to a request that failed: RFC 9457, with our code.
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) detail: &'static str,
    pub(super) retry_after: Option<Duration>,
}

impl Problem {
    pub(super) fn into_response(self) -> Response {
        let Problem { status, code, detail, retry_after } = self;
        let mut body = json!({
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": detail,
            "code": code,
        });
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
}

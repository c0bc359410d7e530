//! What requests carry.

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use serde::Deserialize;

/// Whom a request comes from.
#[derive(Clone, Copy)]
pub(super) struct User(pub(super) i64);

/// Who logs in.
#[derive(Deserialize)]
pub(super) struct Credentials {
    pub(super) name: String,
}

/// Reads the bearer token; none is an empty one.
pub(super) fn token(request: &Request) -> &str {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default()
}

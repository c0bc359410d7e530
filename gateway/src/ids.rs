//! Ids and the time.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
#[must_use]
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Returns a new id. Ids sort by the time that they were made.
#[must_use]
pub fn new_id() -> String {
    format!("{:012x}{}", now_ms(), random_hex::<8>())
}

/// Returns an id before all that are made at that time or later, and after the earlier ones.
#[must_use]
pub fn first_id_at(ms: i64) -> String {
    format!("{:012x}", ms.max(0))
}

/// Returns `N` random bytes from the system, in hexadecimal.
///
/// # Panics
///
/// If the system has no source of random bytes.
#[must_use]
pub fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    hex(&bytes)
}

/// Returns the bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

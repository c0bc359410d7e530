//! Waiting for a condition instead of for a time.

use std::time::{Duration, Instant};

/// How long [`until`] waits: far above what any condition needs, so that only a fault reaches it.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Polls `condition` until it holds.
///
/// # Panics
/// After [`LIMIT`], naming `what` was waited for.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    // Measured by the machine's clock: tokio's may be paused by the test.
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < LIMIT, "waited {LIMIT:?} for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

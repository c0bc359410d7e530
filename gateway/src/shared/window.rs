use std::time::Duration;

/// The window of the rate limit.
pub(super) const WINDOW: Duration = Duration::from_secs(60);

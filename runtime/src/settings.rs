use std::time::Duration;

use crate::Error;

/// The limits of a pool. The defaults and where they come from are on the methods of
/// [`Builder`](crate::Builder).
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub(crate) max_connections: usize,
    pub(crate) acquire_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_lease: Duration,
    pub(crate) validate_after: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_lifetime: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            max_connections: 8,
            acquire_timeout: Duration::from_secs(8),
            connect_timeout: Duration::from_secs(10),
            max_lease: Duration::from_secs(10),
            validate_after: Duration::from_millis(500),
            idle_timeout: Duration::from_secs(60),
            max_lifetime: Duration::from_secs(30 * 60),
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.max_connections == 0 {
            return Err(Error::setting(
                "max_connections",
                "is 0, so no lease could ever open; use at least 1",
            ));
        }
        let positive = [
            ("acquire_timeout", self.acquire_timeout),
            ("connect_timeout", self.connect_timeout),
            ("max_lease", self.max_lease),
            ("max_lifetime", self.max_lifetime),
        ];
        for (setting, value) in positive {
            if value.is_zero() {
                return Err(Error::setting(setting, "is zero; use a positive duration"));
            }
        }
        Ok(())
    }
}

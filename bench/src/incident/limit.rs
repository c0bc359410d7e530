//! The most calls per second that there can be.

use std::fmt;

use serde::Serialize;

/// Whichever is less.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Limit {
    /// Users by the mean time of a call at the backend: nothing lost between.
    pub users: f64,
    /// What this machine does with a backend that answers at once.
    pub machine: f64,
}

impl Limit {
    /// In calls per second.
    pub(super) fn calls(&self) -> f64 {
        self.users.min(self.machine)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limit { users, machine } = self;
        let which = if users <= machine { "the users" } else { "the machine" };
        write!(
            f,
            "limit {:.0} calls/s, that of {which}: {users:.0} by users and mean time of the backend, \
             {machine:.0} measured on this machine with a backend that answers at once",
            self.calls()
        )
    }
}

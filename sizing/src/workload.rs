use std::time::Duration;

use crate::error::{Error, positive};
use crate::queue::{MAX_DATABASE_TIME, MAX_OFFERED_LOAD};

/// The most instances that [`plan`](crate::plan) accepts.
pub const MAX_INSTANCES: u32 = 10_000;

const MAX_DURATION: Duration = Duration::from_secs(24 * 60 * 60);

/// Relative error that the product of a few decimals may have picked up.
pub(crate) const ROUNDING: f64 = 1e-12;

/// The load that the pools carry, summed over all instances.
///
/// Five fields have no default, because nobody can guess them. [`plan`](crate::plan) names the
/// first of them that is left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    /// Sessions open at once, on all instances. No default.
    pub sessions: u32,
    /// Calls per second and session, at most 10⁶. No default.
    pub calls_per_second: f64,
    /// Mean duration of a call, remote waits included, at most a day. No default.
    pub call_time: Duration,
    /// Mean number of leases in a call, at most 10⁶. Default 1.
    pub leases_per_call: f64,
    /// Mean time for which a lease holds its connection, round trips included, at most an hour.
    /// No default.
    pub database_time: Duration,
    /// The longest wait for a connection that meets the promise, at most a day. No default.
    pub target_wait: Duration,
    /// The share of leases that must meet [`target_wait`](Self::target_wait), from 0.5 to 0.999999.
    /// Default 0.99.
    pub quantile: f64,
    /// Processes with a pool of their own, at most [`MAX_INSTANCES`]. Default 1.
    pub instances: u32,
    /// Calls in progress at a peak, over their mean; from 1 to 100. Only the rule of thumb uses it.
    /// Default 2.
    pub concurrency: f64,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            sessions: 0,
            calls_per_second: 0.0,
            call_time: Duration::ZERO,
            leases_per_call: 1.0,
            database_time: Duration::ZERO,
            target_wait: Duration::ZERO,
            quantile: 0.99,
            instances: 1,
            concurrency: 2.0,
        }
    }
}

impl Workload {
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if self.sessions == 0 {
            return Err(Error::new("sessions", 0, "must be at least 1"));
        }
        positive("calls_per_second", self.calls_per_second, 1e6)?;
        positive("leases_per_call", self.leases_per_call, 1e6)?;
        positive("database_time", self.database_time, MAX_DATABASE_TIME)?;
        positive("call_time", self.call_time, MAX_DURATION)?;
        if self.database_share() > 1.0 + ROUNDING {
            return Err(Error::new(
                "call_time",
                self.call_time,
                "must not be shorter than leases_per_call x database_time",
            ));
        }
        positive("target_wait", self.target_wait, MAX_DURATION)?;
        if !(0.5..=0.999_999).contains(&self.quantile) {
            return Err(Error::new("quantile", self.quantile, "must be from 0.5 to 0.999999"));
        }
        if !(1..=MAX_INSTANCES).contains(&self.instances) {
            return Err(Error::new("instances", self.instances, "must be from 1 to 10000"));
        }
        if !(1.0..=100.0).contains(&self.concurrency) {
            return Err(Error::new("concurrency", self.concurrency, "must be from 1 to 100"));
        }
        positive("offered_load", self.offered_load(), MAX_OFFERED_LOAD)
    }

    fn leases_per_second(&self) -> f64 {
        f64::from(self.sessions) * self.calls_per_second * self.leases_per_call
    }

    pub(crate) fn offered_load(&self) -> f64 {
        self.leases_per_second() * self.database_time.as_secs_f64()
    }

    pub(crate) fn calls_in_progress(&self) -> f64 {
        f64::from(self.sessions) * self.calls_per_second * self.call_time.as_secs_f64()
    }

    pub(crate) fn database_share(&self) -> f64 {
        self.leases_per_call * self.database_time.as_secs_f64() / self.call_time.as_secs_f64()
    }
}

//! `cargo shortlease size`: pool sizes from a workload.

use std::time::Duration;

use clap::Args;
use shortlease_sizing::{Workload, plan};

/// The load of all instances together.
#[derive(Args)]
pub(crate) struct Size {
    /// Sessions open at once
    #[arg(long)]
    sessions: u32,
    /// Calls per second and session
    #[arg(long)]
    calls_per_second: f64,
    /// Mean duration of a call in seconds, remote waits included
    #[arg(long, value_name = "SECONDS")]
    call_time: f64,
    /// Mean number of leases in a call
    #[arg(long, default_value_t = 1.0)]
    leases_per_call: f64,
    /// Mean time that a lease holds its connection, in milliseconds
    #[arg(long, value_name = "MILLISECONDS")]
    database_time: f64,
    /// The longest wait for a connection that meets the promise, in milliseconds
    #[arg(long, value_name = "MILLISECONDS")]
    target_wait: f64,
    /// The share of leases that must meet it
    #[arg(long, default_value_t = 0.99)]
    quantile: f64,
    /// Processes with a pool of their own
    #[arg(long, default_value_t = 1)]
    instances: u32,
    /// Calls in progress at a peak, over their mean
    #[arg(long, default_value_t = 2.0)]
    concurrency: f64,
}

impl Size {
    /// Returns the plan as text.
    pub(crate) fn plan(&self) -> Result<String, String> {
        let workload = Workload {
            sessions: self.sessions,
            calls_per_second: self.calls_per_second,
            call_time: seconds("call-time", self.call_time)?,
            leases_per_call: self.leases_per_call,
            database_time: seconds("database-time", self.database_time / 1000.0)?,
            target_wait: seconds("target-wait", self.target_wait / 1000.0)?,
            quantile: self.quantile,
            instances: self.instances,
            concurrency: self.concurrency,
        };
        let plan = plan(&workload).map_err(|error| error.to_string())?;
        Ok(plan.to_string())
    }
}

fn seconds(flag: &str, value: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(value).map_err(|error| format!("--{flag}: {error}"))
}

//! Prints the plan that docs/operating.md shows.

use std::time::Duration;

use shortlease_sizing::{Error, Plan, Workload, plan};

fn main() -> Result<(), Error> {
    print!("{}", example()?);
    Ok(())
}

pub(crate) fn example() -> Result<Plan, Error> {
    plan(&Workload {
        sessions: 2_000,
        calls_per_second: 0.5,
        call_time: Duration::from_secs(2),
        leases_per_call: 2.0,
        database_time: Duration::from_millis(4),
        target_wait: Duration::from_millis(5),
        instances: 4,
        ..Workload::default()
    })
}

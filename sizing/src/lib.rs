//! Pool sizes from a workload: how many connections it needs, and how long leases wait for them.
//!
//! [`plan`] turns what an operator can measure (sessions, calls per second, database time per
//! lease) and a promise (99 % of leases wait at most 5 ms) into pool sizes: for instances that
//! connect straight to the database, and for instances behind PgBouncer. [`Queue`] answers the
//! opposite question: how long do leases wait for a pool of a given size?
//!
//! ```
//! use shortlease_sizing::{Workload, plan};
//! use std::time::Duration;
//!
//! let plan = plan(&Workload {
//!     sessions: 2_000,
//!     calls_per_second: 0.5,
//!     call_time: Duration::from_secs(2),
//!     leases_per_call: 2.0,
//!     database_time: Duration::from_millis(4),
//!     target_wait: Duration::from_millis(5),
//!     instances: 4,
//!     ..Workload::default()
//! })?;
//! assert_eq!(plan.pooler.connections(), 13); // PgBouncer's default_pool_size
//! assert_eq!(plan.instance.connections(), 6); // the pool of each instance behind it
//! println!("{plan}");
//! # Ok::<(), shortlease_sizing::Error>(())
//! ```
//!
//! # The model
//! Leases arrive at `λ` per second and hold a connection for `s` seconds each. By Little's law
//! (J. D. C. Little, 1961) `a = λ s` connections are busy on average: the *offered load*, in
//! erlangs. This needs no assumption. How many more are needed so that leases seldom wait comes
//! from Erlang C (A. K. Erlang, 1917), the queue M/M/c, which assumes:
//!
//! - **Poisson arrivals**: many independent sessions. Fewer sessions than connections wait less
//!   than this; a job that starts all sessions at once waits far more. Give the rate of the
//!   busiest minute, not of the day.
//! - **Exponential database times**: their standard deviation equals their mean. The mean wait
//!   grows roughly with `(1 + cv²) / 2`, `cv` being deviation over mean (Allen and Cunneen), so
//!   steady times wait half as long, and a mix of point reads and slow reports waits several times
//!   longer: plan the reports as a pool of their own.
//! - **First come, first served**, and nobody gives up. Leases that time out only shorten the queue.
//! - **Database times that do not depend on the load**. A server that slows down under more
//!   connections than it has cores and disks for needs fewer of them, not more: check the answer
//!   against what it can run at once.
//! - **Load spread evenly** over the instances. With sticky sessions, plan for the busiest one.
//! - **One transaction per lease**, behind PgBouncer in transaction mode. It hands out a server
//!   connection per transaction, so a lease of three of them queues there three times.

mod error;
mod plan;
mod print;
mod queue;
mod workload;

pub use self::error::Error;
pub use self::plan::{Plan, plan};
pub use self::queue::{MAX_OFFERED_LOAD, Queue};
pub use self::workload::{MAX_INSTANCES, Workload};

//! How many connections a workload needs.
//!
//! [`plan`] turns what an operator can measure (sessions, calls per second, database time per
//! lease) and a promise (99 % of leases wait at most 5 ms) into pool sizes: for instances that
//! connect straight to the database, and for instances behind PgBouncer. [`Queue`] answers the
//! opposite question: how long leases wait for a pool of a given size.
//!
//! ```
//! use shortlease::sizing::{Workload, plan};
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
//! # Ok::<(), shortlease::sizing::Error>(())
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

use std::fmt;
use std::time::Duration;

mod queue;

pub use self::queue::Queue;

/// The most instances [`plan`] accepts.
pub const MAX_INSTANCES: u32 = 10_000;

/// The largest offered load accepted, in erlangs.
pub const MAX_OFFERED_LOAD: f64 = 100_000.0;

const MAX_DATABASE_TIME: Duration = Duration::from_secs(60 * 60);
const MAX_DURATION: Duration = Duration::from_secs(24 * 60 * 60);

/// What the pools have to carry, all instances together.
///
/// The default is a valid workload but for the five fields that nobody can guess; left out,
/// [`plan`] refuses them by name.
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
    /// By how much calls in progress at a peak exceed their mean, from 1 to 100. Only the rule of
    /// thumb uses it. Default 2.
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
    fn validate(&self) -> Result<(), Error> {
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

    fn offered_load(&self) -> f64 {
        self.leases_per_second() * self.database_time.as_secs_f64()
    }

    fn calls_in_progress(&self) -> f64 {
        f64::from(self.sessions) * self.calls_per_second * self.call_time.as_secs_f64()
    }

    fn database_share(&self) -> f64 {
        self.leases_per_call * self.database_time.as_secs_f64() / self.call_time.as_secs_f64()
    }
}

/// Pool sizes for a [`Workload`], with the waits that follow from them.
///
/// `Display` prints the arithmetic.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The workload planned for.
    pub workload: Workload,
    /// Connections busy on average, in erlangs:
    /// `sessions x calls_per_second x leases_per_call x database_time`.
    pub offered_load: f64,
    /// Calls in progress on average, `sessions x calls_per_second x call_time`; also the
    /// connections that would be busy if each call held one to its end.
    pub calls_in_progress: f64,
    /// The fraction of a call's time that it spends in the database,
    /// `leases_per_call x database_time / call_time`.
    pub database_share: f64,
    /// The customary estimate for the whole load, in connections:
    /// `calls_in_progress x database_share x concurrency`, rounded up. It knows of no target: small
    /// loads need more than it says, large ones less.
    pub rule_of_thumb: u32,
    /// The pool of each instance if it connects straight to the database, with its share of the
    /// load and the whole target.
    pub direct: Queue,
    /// The connections from PgBouncer to the database (`default_pool_size`, which counts per user
    /// and database), one queue for the load of all instances.
    pub pooler: Queue,
    /// The pool of each instance if it connects to PgBouncer. A connection of this pool is held
    /// while its lease waits at PgBouncer, so [`Queue::hold`] includes that mean wait.
    pub instance: Queue,
}

impl Plan {
    /// Connections at the database if all instances connect to it directly.
    pub fn direct_connections(&self) -> u32 {
        self.workload.instances * self.direct.connections()
    }

    /// Connections at PgBouncer from all instances; its `max_client_conn` must not be lower.
    pub fn client_connections(&self) -> u32 {
        self.workload.instances * self.instance.connections()
    }
}

/// Sizes the pools for `workload`, each as small as its target allows.
///
/// Behind PgBouncer a lease queues twice, in its instance's pool and at PgBouncer. Each of the two
/// is given half of the target wait and half of the leases that may miss it. Then both waits
/// together meet the target, however they depend on each other (Boole's inequality).
///
/// # Errors
/// Names the field that is zero, negative, not a number, or out of its range; or `offered_load`
/// if the product of them exceeds [`MAX_OFFERED_LOAD`].
pub fn plan(workload: &Workload) -> Result<Plan, Error> {
    workload.validate()?;
    let Workload { database_time, target_wait, .. } = *workload;
    let offered_load = workload.offered_load();
    let share = offered_load / f64::from(workload.instances);
    let misses = 1.0 - workload.quantile;

    let pooler = Queue::smallest(offered_load, database_time, target_wait / 2, misses / 2.0);
    let hold = database_time + pooler.mean_wait();
    let stretch = hold.as_secs_f64() / database_time.as_secs_f64();

    Ok(Plan {
        workload: *workload,
        offered_load,
        calls_in_progress: workload.calls_in_progress(),
        database_share: workload.database_share(),
        rule_of_thumb: round_up(offered_load * workload.concurrency),
        direct: Queue::smallest(share, database_time, target_wait, misses),
        pooler,
        instance: Queue::smallest(share * stretch, hold, target_wait / 2, misses / 2.0),
    })
}

/// An input that cannot be planned for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {value}, but {rule}")]
pub struct Error {
    field: &'static str,
    value: String,
    rule: String,
}

impl Error {
    fn new(field: &'static str, value: impl fmt::Debug, rule: impl Into<String>) -> Self {
        Self { field, value: format!("{value:?}"), rule: rule.into() }
    }

    /// The field or argument at fault.
    pub fn field(&self) -> &'static str {
        self.field
    }
}

fn positive<T>(field: &'static str, value: T, limit: T) -> Result<(), Error>
where
    T: PartialOrd + Default + fmt::Debug,
{
    // Also refuses NaN, for which no comparison holds.
    if value > T::default() && value <= limit {
        return Ok(());
    }
    Err(Error::new(field, value, format!("must be positive and at most {limit:?}")))
}

/// Relative error that the product of a few decimals may have picked up.
const ROUNDING: f64 = 1e-12;

/// Rounds up to connections, taking 16.000000000000004 for 16.
fn round_up(load: f64) -> u32 {
    (load * (1.0 - ROUNDING)).ceil().max(1.0) as u32
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload {
            sessions,
            calls_per_second,
            call_time,
            leases_per_call,
            database_time,
            target_wait,
            quantile,
            instances,
            concurrency,
        } = self.workload;
        let percentile = format!("{} %", percent(quantile));
        let share = percent(self.database_share);

        writeln!(
            f,
            "load           {sessions} sessions x {calls_per_second} calls/s x {leases_per_call} leases \
             x {database_time:?} = {:.2} erlangs",
            self.offered_load
        )?;
        writeln!(f, "target         {percentile} of leases wait at most {target_wait:?}")?;
        writeln!(
            f,
            "rule of thumb  {sessions} sessions x {calls_per_second} calls/s x {call_time:?} x {share} % in \
             the database x {concurrency} = {}",
            self.rule_of_thumb
        )?;
        writeln!(
            f,
            "no leases      connections held for whole calls: {:.2} busy on average",
            self.calls_in_progress
        )?;
        writeln!(f)?;
        writeln!(
            f,
            "{:<32}{:>18}{:>8}{:>9}{:>12}{:>12}",
            "",
            "connections",
            "busy",
            "waiting",
            "mean wait",
            format!("{percentile} wait")
        )?;
        for (name, count, queue) in [
            ("direct, each instance", instances, self.direct),
            ("behind PgBouncer, each instance", instances, self.instance),
            ("PgBouncer, default_pool_size", 1, self.pooler),
        ] {
            let connections = match count {
                1 => queue.connections().to_string(),
                n => format!("{n} x {} = {}", queue.connections(), n * queue.connections()),
            };
            let show = |wait: Duration| match wait {
                Duration::ZERO => "0".to_owned(),
                wait => format!("{wait:.2?}"),
            };
            writeln!(
                f,
                "{name:<32}{connections:>18}{:>6.1} %{:>7.2} %{:>12}{:>12}",
                100.0 * queue.utilisation(),
                100.0 * queue.wait_probability(),
                show(queue.mean_wait()),
                show(queue.wait_quantile(quantile)),
            )?;
        }
        Ok(())
    }
}

/// A fraction in percent, to four digits after the point and without trailing zeros.
fn percent(fraction: f64) -> f64 {
    (fraction * 1e6).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload() -> Workload {
        Workload {
            sessions: 2_000,
            calls_per_second: 0.5,
            call_time: Duration::from_secs(2),
            leases_per_call: 2.0,
            database_time: Duration::from_millis(4),
            target_wait: Duration::from_millis(5),
            instances: 4,
            ..Workload::default()
        }
    }

    #[test]
    fn each_pool_is_the_smallest_that_meets_its_target() {
        for sessions in [1, 300, 2_000, 100_000] {
            for instances in [1, 4, 100, MAX_INSTANCES] {
                let plan = plan(&Workload { sessions, instances, ..workload() }).unwrap();
                let (wait, misses) = (plan.workload.target_wait, 1.0 - plan.workload.quantile);
                for (queue, wait, misses) in [
                    (plan.direct, wait, misses),
                    (plan.pooler, wait / 2, misses / 2.0),
                    (plan.instance, wait / 2, misses / 2.0),
                ] {
                    assert!(queue.wait_exceeds(wait) <= misses, "{queue:?}");
                    let smaller =
                        Queue::new(queue.offered_load(), queue.hold(), queue.connections() - 1);
                    assert!(
                        smaller.is_err() || smaller.unwrap().wait_exceeds(wait) > misses,
                        "{queue:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_plan_shows_its_arithmetic() {
        let plan = plan(&workload()).unwrap();
        assert_eq!(plan.rule_of_thumb, 16);
        let expected = "\
load           2000 sessions x 0.5 calls/s x 2 leases x 4ms = 8.00 erlangs
target         99 % of leases wait at most 5ms
rule of thumb  2000 sessions x 0.5 calls/s x 2s x 0.4 % in the database x 2 = 16
no leases      connections held for whole calls: 2000.00 busy on average

                                       connections    busy  waiting   mean wait   99 % wait
direct, each instance                   4 x 5 = 20  40.0 %   5.97 %     79.60µs      2.38ms
behind PgBouncer, each instance         4 x 6 = 24  33.8 %   1.93 %     19.72µs    671.47µs
PgBouncer, default_pool_size                    13  61.5 %   7.60 %     60.80µs      1.62ms
";
        assert_eq!(plan.to_string(), expected, "{plan}");
    }

    #[test]
    fn the_load_splits_over_instances_and_meets_again_at_the_pooler() {
        let one = plan(&Workload { instances: 1, ..workload() }).unwrap();
        let many = plan(&Workload { instances: 1_000, ..workload() }).unwrap();
        assert_eq!(many.pooler, one.pooler);
        assert_eq!(many.instance.hold(), many.workload.database_time + many.pooler.mean_wait());
        let leases_per_second =
            1_000.0 * many.instance.offered_load() / many.instance.hold().as_secs_f64();
        assert!((leases_per_second - 2_000.0).abs() < 1e-6, "{leases_per_second}");
        assert_eq!(many.direct.offered_load() * 1_000.0, one.direct.offered_load());
        let four = plan(&workload()).unwrap();
        assert_eq!(four.direct_connections(), 4 * 5);
        assert_eq!(four.client_connections(), 4 * 6);
        assert!(many.direct_connections() > 10 * many.pooler.connections());
    }

    #[test]
    fn bad_input_is_refused_by_name() {
        let day = MAX_DURATION + Duration::from_nanos(1);
        let ok = workload();
        let mut cases = vec![
            ("sessions", Workload { sessions: 0, ..ok }),
            ("database_time", Workload { database_time: Duration::ZERO, ..ok }),
            ("database_time", Workload { database_time: day, ..ok }),
            ("call_time", Workload { call_time: Duration::ZERO, ..ok }),
            ("call_time", Workload { call_time: Duration::from_millis(7), ..ok }),
            ("call_time", Workload { call_time: day, ..ok }),
            ("target_wait", Workload { target_wait: Duration::ZERO, ..ok }),
            ("target_wait", Workload { target_wait: day, ..ok }),
            ("instances", Workload { instances: 0, ..ok }),
            ("instances", Workload { instances: MAX_INSTANCES + 1, ..ok }),
            ("offered_load", Workload { sessions: u32::MAX, ..ok }),
            ("sessions", Workload::default()),
        ];
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            cases.push(("calls_per_second", Workload { calls_per_second: bad, ..ok }));
            cases.push(("leases_per_call", Workload { leases_per_call: bad, ..ok }));
            cases.push(("quantile", Workload { quantile: bad, ..ok }));
            cases.push(("concurrency", Workload { concurrency: bad, ..ok }));
        }
        cases.push(("quantile", Workload { quantile: 1.0, ..ok }));
        for (field, workload) in cases {
            let error = plan(&workload).expect_err(field);
            assert_eq!(error.field(), field, "{error}");
            assert!(error.to_string().starts_with(&format!("`{field}` is ")), "{error}");
        }
    }

    #[test]
    fn the_rule_of_thumb_is_short_for_small_loads_and_lavish_for_large_ones() {
        let small = plan(&Workload { sessions: 50, instances: 1, ..workload() }).unwrap();
        assert!(small.rule_of_thumb < small.direct.connections(), "{small}");
        let large = plan(&Workload { sessions: 100_000, instances: 1, ..workload() }).unwrap();
        assert!(large.rule_of_thumb > large.direct.connections(), "{large}");
    }

    #[test]
    fn the_rule_of_thumb_does_not_round_noise_up() {
        assert_eq!(round_up(16.000_000_000_000_004), 16);
        assert_eq!(round_up(16.1), 17);
        assert_eq!(round_up(0.001), 1);
    }
}

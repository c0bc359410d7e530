use crate::error::Error;
use crate::queue::Queue;
use crate::workload::{ROUNDING, Workload};

/// Pool sizes for a [`Workload`], with the waits that they cause.
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
/// if the product of them exceeds [`MAX_OFFERED_LOAD`](crate::MAX_OFFERED_LOAD).
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

/// Rounds up to connections, taking 16.000000000000004 for 16.
fn round_up(load: f64) -> u32 {
    (load * (1.0 - ROUNDING)).ceil().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::MAX_INSTANCES;

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
        let day = Duration::from_secs(24 * 60 * 60) + Duration::from_nanos(1);
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

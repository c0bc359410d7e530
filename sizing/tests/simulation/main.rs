//! The formulas of `shortlease-sizing` against a discrete-event simulation of the pools.
//!
//! A run is cut into 32 batches, each at least 30 times as long as the queue remembers its state, so
//! that batch means are nearly independent and normal. The tolerance is Student's interval over them
//! at 99.9 % confidence; with a fresh seed, about one run in twenty would miss one of the 60 or so
//! intervals by chance. The seed is fixed, so what passes once passes always.

use std::time::Duration;

use shortlease_sizing::{MAX_INSTANCES, Plan, Queue, Workload, plan};

use self::batches::LATE;
use self::system::{HOLD, System, UNLIMITED};
use self::times::Times;

mod batches;
mod random;
mod system;
mod times;

#[test]
fn one_pool_waits_as_erlang_c_says() {
    for (offered_load, connections) in
        [(0.5, 1), (2.0, 3), (2.0, 5), (8.0, 10), (20.0, 25), (100.0, 110)]
    {
        let queue = Queue::new(offered_load, HOLD, connections).unwrap();
        System::one_pool(&queue, Times::Exponential).run(&queue).agrees_with(&queue);
    }
}

#[test]
fn the_pooler_of_up_to_10_000_instances_waits_as_planned() {
    // The first two differ in their instances only, which a pooler does not see.
    for plan in &plans()[1..] {
        let system = System::of(plan).slots(UNLIMITED);
        system.run(&plan.pooler).agrees_with(&plan.pooler);
    }
}

#[test]
fn the_pools_of_up_to_10_000_instances_wait_as_planned() {
    for plan in plans() {
        let system = System::of(&plan).slots(plan.direct.connections()).servers(UNLIMITED);
        system.run(&plan.direct).agrees_with(&plan.direct);
    }
}

#[test]
fn both_waits_behind_a_pooler_together_meet_the_target() {
    for plan in plans() {
        let run = System::of(&plan).simulate(&plan.pooler, plan.workload.target_wait);
        let planned = plan.pooler.mean_wait() + plan.instance.mean_wait();
        assert!(run.late().upper() <= 1.0 - plan.workload.quantile, "{:?}\n{plan}", run.late());
        assert!(run.mean_wait().lower() <= planned.as_secs_f64(), "{:?}\n{plan}", run.mean_wait());
    }
}

#[test]
fn steady_database_times_wait_less_than_planned() {
    for (offered_load, connections) in [(0.5, 1), (2.0, 3), (8.0, 10), (100.0, 110)] {
        let queue = Queue::new(offered_load, HOLD, connections).unwrap();
        let run = System::one_pool(&queue, Times::Constant).run(&queue);
        assert!(run.waited().lower() <= queue.wait_probability(), "{queue:?}: {:?}", run.waited());
        assert!(
            run.late().upper() < 0.75 * queue.wait_probability() * LATE,
            "{queue:?}: {:?}",
            run.late()
        );
        assert!(
            run.mean_wait().upper() < 0.75 * queue.mean_wait().as_secs_f64(),
            "{queue:?}: {:?}",
            run.mean_wait()
        );
    }
}

#[test]
fn mixed_database_times_wait_longer_than_planned() {
    for (offered_load, connections) in [(2.0, 3), (8.0, 10)] {
        let queue = Queue::new(offered_load, HOLD, connections).unwrap();
        let run = System::one_pool(&queue, Times::Mixed).run(&queue);
        assert!(
            run.mean_wait().lower() > 1.5 * queue.mean_wait().as_secs_f64(),
            "{queue:?}: {:?}",
            run.mean_wait()
        );
    }
}

/// From one instance to the most, with 8 to 2,000 erlangs.
fn plans() -> [Plan; 4] {
    [
        (2_000, 1, Duration::from_millis(2)),
        (2_000, 4, Duration::from_millis(2)),
        (50_000, 100, Duration::from_micros(500)),
        (500_000, MAX_INSTANCES, Duration::from_micros(100)),
    ]
    .map(|(sessions, instances, target_wait)| {
        plan(&Workload {
            sessions,
            calls_per_second: 0.5,
            call_time: Duration::from_secs(2),
            leases_per_call: 2.0,
            database_time: HOLD,
            target_wait,
            quantile: 0.9,
            instances,
            ..Workload::default()
        })
        .unwrap()
    })
}

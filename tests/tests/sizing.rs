//! The formulas of `shortlease::sizing` against a discrete-event simulation of the pools.
//!
//! A run is cut into 32 batches, each at least 30 times as long as the queue remembers its state, so
//! that batch means are nearly independent and normal. The tolerance is Student's interval over them
//! at 99.9 % confidence; with a fresh seed, about one run in twenty would miss one of the 60 or so
//! intervals by chance. The seed is fixed, so what passes once passes always.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use shortlease::sizing::{MAX_INSTANCES, Plan, Queue, Workload, plan};

const HOLD: Duration = Duration::from_millis(4);
const UNLIMITED: u32 = u32::MAX;
/// Of the leases that wait, the share whose waits are counted as late.
const LATE: f64 = 0.4;

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
        let system = System { slots: UNLIMITED, ..System::of(plan) };
        system.run(&plan.pooler).agrees_with(&plan.pooler);
    }
}

#[test]
fn the_pools_of_up_to_10_000_instances_wait_as_planned() {
    for plan in plans() {
        let system =
            System { slots: plan.direct.connections(), servers: UNLIMITED, ..System::of(&plan) };
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

/// How database times spread around their mean.
#[derive(Clone, Copy)]
enum Times {
    Constant,
    Exponential,
    /// One in ten exponential with 5.5 times the mean, the others with half of it: cv² = 5.5.
    Mixed,
}

/// Instances with a pool each, in front of one pooler.
#[derive(Clone, Copy)]
struct System {
    instances: u32,
    /// Connections in the pool of each instance.
    slots: u32,
    /// Connections from the pooler to the database.
    servers: u32,
    leases_per_second: f64,
    times: Times,
}

impl System {
    fn one_pool(queue: &Queue, times: Times) -> Self {
        let leases_per_second = queue.offered_load() / queue.hold().as_secs_f64();
        Self {
            instances: 1,
            slots: UNLIMITED,
            servers: queue.connections(),
            leases_per_second,
            times,
        }
    }

    fn of(plan: &Plan) -> Self {
        // From the workload, so that the plan's own arithmetic is checked too.
        let Workload { sessions, calls_per_second, leases_per_call, instances, .. } = plan.workload;
        Self {
            instances,
            slots: plan.instance.connections(),
            servers: plan.pooler.connections(),
            leases_per_second: f64::from(sessions) * calls_per_second * leases_per_call,
            times: Times::Exponential,
        }
    }

    /// Counts as late what only the share [`LATE`] of those that wait should exceed.
    fn run(&self, queue: &Queue) -> Run {
        self.simulate(queue, queue.wait_quantile(1.0 - LATE * queue.wait_probability()))
    }

    /// Observes leases in order of arrival, long enough for `queue` to forget its state often.
    fn simulate(&self, queue: &Queue, late: Duration) -> Run {
        // The relaxation time of M/M/c, s / (sqrt(c) - sqrt(a))² (P. M. Morse, 1955).
        let slack = f64::from(queue.connections()).sqrt() - queue.offered_load().sqrt();
        let relaxation = HOLD.as_secs_f64() / slack.powi(2) * self.leases_per_second;
        let warm_up = (10.0 * relaxation) as usize;
        let batch = (3 * warm_up).max(30_000);

        let mut random = Random(0x5eed);
        let mut run = Run { batches: [Batch::default(); BATCHES], size: batch };
        let mut to_observe = batch * BATCHES;
        let late = picoseconds(late.as_secs_f64());

        let mut free_slots = vec![self.slots; self.instances as usize];
        let mut at_instance = vec![VecDeque::new(); self.instances as usize];
        let mut free_servers = self.servers;
        let mut at_pooler = VecDeque::new();
        let mut departures = BinaryHeap::<Reverse<(u64, usize)>>::new();
        let mut arrivals = 0;
        let mut next_arrival = 0;

        while to_observe > 0 {
            let now = match departures.peek() {
                Some(&Reverse((departure, instance))) if departure <= next_arrival => {
                    departures.pop();
                    free_servers += 1;
                    match at_instance[instance].pop_front() {
                        Some(lease) => at_pooler.push_back(lease),
                        None => free_slots[instance] += 1,
                    }
                    departure
                }
                _ => {
                    let now = next_arrival;
                    let instance = random.below(self.instances);
                    let lease = Lease { number: arrivals, arrival: now, instance };
                    if free_slots[instance] > 0 {
                        free_slots[instance] -= 1;
                        at_pooler.push_back(lease);
                    } else {
                        at_instance[instance].push_back(lease);
                    }
                    arrivals += 1;
                    next_arrival = now + picoseconds(random.exponential() / self.leases_per_second);
                    now
                }
            };
            while free_servers > 0
                && let Some(lease) = at_pooler.pop_front()
            {
                free_servers -= 1;
                let hold = HOLD.as_secs_f64() * self.times.draw(&mut random);
                departures.push(Reverse((now + picoseconds(hold), lease.instance)));
                if let Some(observed) = lease.number.checked_sub(warm_up)
                    && let Some(batch) = run.batches.get_mut(observed / batch)
                {
                    let wait = now - lease.arrival;
                    batch.waited += f64::from(wait > 0);
                    batch.late += f64::from(wait > late);
                    batch.wait += wait as f64 * 1e-12;
                    to_observe -= 1;
                }
            }
        }
        run
    }
}

#[derive(Clone, Copy)]
struct Lease {
    number: usize,
    arrival: u64,
    instance: usize,
}

/// Integer time, since the heap needs a total order.
fn picoseconds(seconds: f64) -> u64 {
    (seconds * 1e12).round() as u64
}

impl Times {
    fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Exponential => random.exponential(),
            Self::Mixed if random.uniform() < 0.1 => 5.5 * random.exponential(),
            Self::Mixed => 0.5 * random.exponential(),
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// With mean 1.
    fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }

    fn below(&mut self, limit: u32) -> usize {
        (self.uniform() * f64::from(limit)) as usize
    }
}

const BATCHES: usize = 32;
/// Student's t, two-sided 99.9 %, for 31 degrees of freedom.
const STUDENT_T: f64 = 3.633;

/// Sums over the leases of one batch.
#[derive(Clone, Copy, Default)]
struct Batch {
    waited: f64,
    late: f64,
    /// In seconds.
    wait: f64,
}

struct Run {
    batches: [Batch; BATCHES],
    size: usize,
}

impl Run {
    fn waited(&self) -> Interval {
        self.interval(|batch| batch.waited)
    }

    fn late(&self) -> Interval {
        self.interval(|batch| batch.late)
    }

    fn mean_wait(&self) -> Interval {
        self.interval(|batch| batch.wait)
    }

    fn interval(&self, sum: impl Fn(&Batch) -> f64) -> Interval {
        let means = self.batches.map(|batch| sum(&batch) / self.size as f64);
        let mean = means.iter().sum::<f64>() / BATCHES as f64;
        let variance = means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (BATCHES - 1) as f64;
        Interval { mean, half_width: STUDENT_T * (variance / BATCHES as f64).sqrt() }
    }

    fn agrees_with(&self, queue: &Queue) {
        for (name, observed, expected) in [
            ("share that waits", self.waited(), queue.wait_probability()),
            ("mean wait", self.mean_wait(), queue.mean_wait().as_secs_f64()),
            ("share beyond the quantile", self.late(), LATE * queue.wait_probability()),
        ] {
            assert!(
                observed.contains(expected),
                "{queue:?}: {name} {expected}, observed {observed:?}"
            );
            // A wider interval would agree with no wait at all.
            assert!(observed.half_width < expected, "{queue:?}: {name} {observed:?}");
        }
    }
}

#[derive(Debug)]
struct Interval {
    mean: f64,
    half_width: f64,
}

impl Interval {
    fn lower(&self) -> f64 {
        self.mean - self.half_width
    }

    fn upper(&self) -> f64 {
        self.mean + self.half_width
    }

    fn contains(&self, value: f64) -> bool {
        (self.lower()..=self.upper()).contains(&value)
    }
}

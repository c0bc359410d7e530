use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use shortlease_sizing::{Plan, Queue, Workload};

use crate::batches::{BATCHES, LATE, Run};
use crate::random::Random;
use crate::times::Times;

pub(crate) const HOLD: Duration = Duration::from_millis(4);
pub(crate) const UNLIMITED: u32 = u32::MAX;

/// Instances with a pool each, in front of one pooler.
#[derive(Clone, Copy)]
pub(crate) struct System {
    instances: u32,
    /// Connections in the pool of each instance.
    slots: u32,
    /// Connections from the pooler to the database.
    servers: u32,
    leases_per_second: f64,
    times: Times,
}

impl System {
    pub(crate) fn one_pool(queue: &Queue, times: Times) -> Self {
        let leases_per_second = queue.offered_load() / queue.hold().as_secs_f64();
        Self {
            instances: 1,
            slots: UNLIMITED,
            servers: queue.connections(),
            leases_per_second,
            times,
        }
    }

    pub(crate) fn of(plan: &Plan) -> Self {
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

    pub(crate) fn slots(self, slots: u32) -> Self {
        Self { slots, ..self }
    }

    pub(crate) fn servers(self, servers: u32) -> Self {
        Self { servers, ..self }
    }

    /// Counts as late what only the share [`LATE`] of those that wait should exceed.
    pub(crate) fn run(&self, queue: &Queue) -> Run {
        self.simulate(queue, queue.wait_quantile(1.0 - LATE * queue.wait_probability()))
    }

    /// Observes leases in order of arrival, long enough for `queue` to forget its state often.
    pub(crate) fn simulate(&self, queue: &Queue, late: Duration) -> Run {
        // The relaxation time of M/M/c, s / (sqrt(c) - sqrt(a))² (P. M. Morse, 1955).
        let slack = f64::from(queue.connections()).sqrt() - queue.offered_load().sqrt();
        let relaxation = HOLD.as_secs_f64() / slack.powi(2) * self.leases_per_second;
        let warm_up = (10.0 * relaxation) as usize;
        let batch = (3 * warm_up).max(30_000);

        let mut random = Random::new(0x5eed);
        let mut run = Run::new(batch);
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
                    && run.observe(observed, now - lease.arrival, late)
                {
                    to_observe -= 1;
                }
            }
        }
        run
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Lease {
    number: usize,
    arrival: u64,
    instance: usize,
}

/// Integer time, since the heap needs a total order.
fn picoseconds(seconds: f64) -> u64 {
    (seconds * 1e12).round() as u64
}

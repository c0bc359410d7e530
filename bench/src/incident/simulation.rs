//! Users, instances and a pooler, simulated: for more machines than there are here.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;

use super::answers::Distribution;

/// Leases of a call: authentication, the tool, and the record.
pub(super) const LEASES: usize = 3;

/// Instances with a pool and users each, who call one call after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct System {
    pub(super) instances: usize,
    /// Of each instance.
    pub(super) users: usize,
    /// Connections of each instance.
    pub(super) pool: usize,
    /// Connections from the pooler to the database; `None` without a pooler.
    pub(super) servers: Option<usize>,
    /// For which each lease of a call holds a connection, on average; exponential, as `shortlease-sizing` assumes.
    pub(super) holds: [Duration; LEASES],
    pub(super) distribution: Distribution,
}

/// What a simulated system does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Simulated {
    /// Calls per second.
    pub(super) rate: f64,
    /// Connections to the database that work, on average.
    pub(super) busy: f64,
    /// The wait that 99 % of leases do not exceed.
    pub(super) wait_p99: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A user asks for the lease of this number.
    Ask(usize),
    /// A user gives back what the lease of this number held.
    GiveBack(usize),
}

/// A lease that is wanted.
#[derive(Clone, Copy)]
struct Wish {
    user: usize,
    lease: usize,
    since: u64,
}

struct Run {
    system: System,
    rng: StdRng,
    events: BinaryHeap<Reverse<(u64, usize, Event)>>,
    free_slots: Vec<usize>,
    at_instances: Vec<VecDeque<Wish>>,
    free_servers: usize,
    at_pooler: VecDeque<Wish>,
    calls: Vec<u64>,
    counts_from: u64,
    ended: u64,
    held: u64,
    waits: Histogram<u64>,
}

impl System {
    /// Simulates so much time after `warm_up`.
    pub(super) fn simulate(self, warm_up: Duration, length: Duration) -> Simulated {
        let mut run = Run::new(self, nanoseconds(warm_up));
        let end = nanoseconds(warm_up + length);
        while let Some(Reverse((now, user, event))) = run.events.pop()
            && now < end
        {
            match event {
                Event::Ask(lease) => run.ask(Wish { user, lease, since: now }, now),
                Event::GiveBack(lease) => run.give_back(user, lease, now),
            }
        }
        Simulated {
            rate: run.ended as f64 / length.as_secs_f64(),
            busy: run.held as f64 / nanoseconds(length) as f64,
            wait_p99: Duration::from_nanos(run.waits.value_at_quantile(0.99)),
        }
    }
}

impl Run {
    fn new(system: System, counts_from: u64) -> Run {
        let users = system.instances * system.users;
        let mut rng = StdRng::seed_from_u64(system.distribution.seed);
        // Users come over the first half of the warm-up.
        let arrivals = 0..counts_from.max(2) / 2;
        let come = |user| Reverse((rng.random_range(arrivals.clone()), user, Event::Ask(0)));
        Run {
            events: (0..users).map(come).collect(),
            rng,
            free_slots: vec![system.pool; system.instances],
            at_instances: vec![VecDeque::new(); system.instances],
            free_servers: system.servers.unwrap_or(usize::MAX),
            at_pooler: VecDeque::new(),
            calls: vec![0; users],
            counts_from,
            ended: 0,
            held: 0,
            waits: Histogram::new(3).expect("three digits"),
            system,
        }
    }

    fn ask(&mut self, wish: Wish, now: u64) {
        let instance = wish.user / self.system.users;
        if self.free_slots[instance] == 0 {
            return self.at_instances[instance].push_back(wish);
        }
        self.free_slots[instance] -= 1;
        self.ask_pooler(wish, now);
    }

    fn ask_pooler(&mut self, wish: Wish, now: u64) {
        if self.free_servers == 0 {
            return self.at_pooler.push_back(wish);
        }
        self.free_servers -= 1;
        self.hold(wish, now);
    }

    fn hold(&mut self, Wish { user, lease, since }: Wish, now: u64) {
        let drawn: f64 = self.rng.sample(Exp1);
        let hold = nanoseconds(self.system.holds[lease].mul_f64(drawn));
        if now >= self.counts_from {
            self.held += hold;
            self.waits += now - since;
        }
        self.events.push(Reverse((now + hold, user, Event::GiveBack(lease))));
    }

    fn give_back(&mut self, user: usize, lease: usize, now: u64) {
        self.free_servers += 1;
        if let Some(next) = self.at_pooler.pop_front() {
            self.free_servers -= 1;
            self.hold(next, now);
        }
        let instance = user / self.system.users;
        match self.at_instances[instance].pop_front() {
            Some(next) => self.ask_pooler(next, now),
            None => self.free_slots[instance] += 1,
        }
        self.go_on(user, lease, now);
    }

    fn go_on(&mut self, user: usize, lease: usize, now: u64) {
        let calls = &mut self.calls[user];
        let next = match lease {
            0 => (now, user, Event::Ask(1)),
            1 => {
                let number = ((user as u64) << 24) + *calls;
                let takes = self.system.distribution.call(number).takes;
                (now + nanoseconds(takes), user, Event::Ask(2))
            }
            _ => {
                *calls += 1;
                self.ended += u64::from(now >= self.counts_from);
                (now, user, Event::Ask(0))
            }
        };
        self.events.push(Reverse(next));
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEADY: Distribution = Distribution { seed: 1, speed: 1.0, steady_ms: Some(95) };
    const SYSTEM: System = System {
        instances: 2,
        users: 10,
        pool: 10,
        servers: None,
        holds: [Duration::from_millis(1), Duration::from_millis(1), Duration::from_millis(3)],
        distribution: STEADY,
    };
    const SECOND: Duration = Duration::from_secs(1);

    /// Within 3 %.
    fn assert_near(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 0.03, "{found}, not {expected}");
    }

    #[test]
    fn nobody_waits_where_all_can_be_served() {
        let simulated = SYSTEM.simulate(SECOND, 60 * SECOND);
        // 20 users with 100 ms a call, of which 5 ms are the database's.
        assert_near(simulated.rate, 200.0);
        assert_near(simulated.busy, 1.0);
        assert_eq!(simulated.wait_p99, Duration::ZERO);
    }

    #[test]
    fn connections_are_the_limit_where_there_are_few() {
        let one = System { servers: Some(1), users: 100, ..SYSTEM };
        let simulated = one.simulate(SECOND, 60 * SECOND);
        assert_near(simulated.rate, 200.0);
        assert_near(simulated.busy, 1.0);
        let direct = System { pool: 1, users: 100, ..SYSTEM };
        assert_near(direct.simulate(SECOND, 60 * SECOND).rate, 400.0);
    }
}

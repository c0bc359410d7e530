use std::time::Duration;

use crate::error::{Error, positive};

/// The largest offered load accepted, in erlangs.
pub const MAX_OFFERED_LOAD: f64 = 100_000.0;

pub(crate) const MAX_DATABASE_TIME: Duration = Duration::from_secs(60 * 60);

const MAX_CONNECTIONS: u32 = 1_000_000;

/// A pool of a given size under a given load: M/M/c, first come, first served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    connections: u32,
    offered_load: f64,
    hold: Duration,
    wait_probability: f64,
}

impl Queue {
    /// The queue for `connections` connections that leases hold for `hold` on average, with
    /// `offered_load` erlangs to carry (leases per second times `hold` in seconds).
    ///
    /// # Errors
    /// Names the argument that is zero, negative, not a number or absurdly large; `connections` also
    /// when it does not exceed `offered_load`, because the queue then grows without end.
    pub fn new(offered_load: f64, hold: Duration, connections: u32) -> Result<Self, Error> {
        positive("offered_load", offered_load, MAX_OFFERED_LOAD)?;
        positive("hold", hold, MAX_DATABASE_TIME)?;
        let refuse = |rule| Err(Error::new("connections", connections, rule));
        if connections > MAX_CONNECTIONS {
            return refuse("must be at most 1000000");
        }
        match Self::stable(offered_load, hold)
            .take_while(|queue| queue.connections <= connections)
            .last()
        {
            Some(queue) => Ok(queue),
            None => refuse("must exceed the offered load, or the queue grows without end"),
        }
    }

    pub(crate) fn smallest(offered_load: f64, hold: Duration, wait: Duration, misses: f64) -> Self {
        Self::stable(offered_load, hold)
            .find(|queue| queue.wait_exceeds(wait) <= misses)
            .expect("the chance of waiting falls to zero as connections grow")
    }

    /// Every size that can carry the load, smallest first.
    ///
    /// Erlang C from Erlang B, `C = c B / (c - a (1 - B))`, and Erlang B by its recurrence in the
    /// inverse, `1/B(c) = 1 + c/a · 1/B(c-1)`. All terms are positive, so no digits cancel; the sums
    /// of powers over factorials in textbooks overflow at 170 connections, while this one overflows
    /// only to infinity, where the chance of waiting is zero.
    fn stable(offered_load: f64, hold: Duration) -> impl Iterator<Item = Self> {
        let mut inverse_blocking = 1.0;
        (1..=u32::MAX).filter_map(move |connections| {
            let c = f64::from(connections);
            inverse_blocking = 1.0 + c / offered_load * inverse_blocking;
            (c > offered_load).then(|| Self {
                connections,
                offered_load,
                hold,
                wait_probability: c / (offered_load + (c - offered_load) * inverse_blocking),
            })
        })
    }

    /// Connections in the pool.
    pub fn connections(&self) -> u32 {
        self.connections
    }

    /// Connections busy on average, in erlangs.
    pub fn offered_load(&self) -> f64 {
        self.offered_load
    }

    /// Mean time for which a lease holds its connection.
    pub fn hold(&self) -> Duration {
        self.hold
    }

    /// The fraction of time for which a connection is busy, below 1. Its inverse is the factor by
    /// which the load may grow until the queue grows without end.
    pub fn utilisation(&self) -> f64 {
        self.offered_load / f64::from(self.connections)
    }

    /// The share of leases that wait at all: Erlang C.
    pub fn wait_probability(&self) -> f64 {
        self.wait_probability
    }

    /// The mean wait, counting leases that do not wait: `C s / (c - a)`.
    pub fn mean_wait(&self) -> Duration {
        duration(self.wait_probability * self.drain_time())
    }

    /// The share of leases that wait longer than `wait`: `C exp(-(c - a) wait / s)`.
    pub fn wait_exceeds(&self, wait: Duration) -> f64 {
        self.wait_probability * (-wait.as_secs_f64() / self.drain_time()).exp()
    }

    /// The wait that the share `quantile` of leases does not exceed; zero if that share need not
    /// wait at all. The inverse of [`wait_exceeds`](Self::wait_exceeds).
    ///
    /// # Panics
    /// If `quantile` is not in `0.0..1.0`.
    pub fn wait_quantile(&self, quantile: f64) -> Duration {
        assert!((0.0..1.0).contains(&quantile), "quantile must be in 0.0..1.0, not {quantile}");
        let excess = (self.wait_probability / (1.0 - quantile)).ln();
        duration(self.drain_time() * excess.max(0.0))
    }

    /// Seconds between two connections becoming free beyond what arrivals take, `s / (c - a)`: the
    /// mean wait of those that do wait.
    fn drain_time(&self) -> f64 {
        self.hold.as_secs_f64() / (f64::from(self.connections) - self.offered_load)
    }
}

/// The longest there is, where a queue is all but saturated.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_all_but_saturated_waits_for_ever() {
        let queue = Queue::new(1.0_f64.next_down(), 3600 * SECOND, 1).unwrap();
        assert_eq!(queue.mean_wait(), Duration::MAX);
        assert_eq!(queue.wait_quantile(0.99), Duration::MAX);
    }

    /// Exact values of Erlang C: small ones as printed in tables, large ones from its definition in
    /// rational arithmetic.
    #[test]
    fn erlang_c_matches_published_values() {
        for (offered_load, connections, expected) in ERLANG_C {
            let queue = Queue::new(offered_load, SECOND, connections).unwrap();
            let error = (queue.wait_probability() / expected - 1.0).abs();
            assert!(
                error < 1e-9,
                "C({connections}, {offered_load}) = {}",
                queue.wait_probability()
            );
        }
    }

    const ERLANG_C: [(f64, u32, f64); 13] = [
        (0.5, 1, 0.5),
        (1.0, 2, 0.333_333_333_333),
        (2.0, 3, 0.444_444_444_444),
        (5.0, 6, 0.587_516_450_461),
        (8.0, 10, 0.409_180_150_796),
        (10.0, 12, 0.449_388_224_298),
        (20.0, 25, 0.209_102_826_599),
        (50.0, 55, 0.384_547_317_933),
        (100.0, 110, 0.237_007_500_285),
        (500.0, 530, 0.122_690_723_935),
        (1_000.0, 1_040, 0.140_453_894_955),
        (3_000.0, 3_100, 0.042_403_084_305),
        (5_000.0, 5_001, 0.982_455_152_778),
    ];

    #[test]
    fn erlang_c_stays_a_probability_at_the_limits() {
        for (offered_load, connections) in [
            (f64::MIN_POSITIVE, 1),
            (1e-9, MAX_CONNECTIONS),
            (1.0, MAX_CONNECTIONS),
            (100.0_f64.next_down(), 100),
            (MAX_OFFERED_LOAD.next_down(), 100_000),
            (MAX_OFFERED_LOAD, 100_001),
            (MAX_OFFERED_LOAD, MAX_CONNECTIONS),
        ] {
            let queue = Queue::new(offered_load, MAX_DATABASE_TIME, connections).unwrap();
            assert!((0.0..=1.0).contains(&queue.wait_probability()), "{queue:?}");
            assert!(
                queue.mean_wait() <= queue.wait_quantile(0.999_999).max(queue.mean_wait()),
                "{queue:?}"
            );
        }
    }

    #[test]
    fn one_connection_waits_as_in_m_m_1() {
        let queue = Queue::new(0.8, SECOND, 1).unwrap();
        assert_eq!(queue.mean_wait(), Duration::from_secs_f64(4.0));
        assert!((queue.wait_exceeds(SECOND) - 0.8 * (-0.2_f64).exp()).abs() < 1e-12);
    }

    #[test]
    fn the_quantile_inverts_the_tail() {
        let queue = Queue::new(45.0, SECOND, 50).unwrap();
        for quantile in [0.9, 0.99, 0.999] {
            let misses = queue.wait_exceeds(queue.wait_quantile(quantile));
            assert!((misses - (1.0 - quantile)).abs() < 1e-6, "{misses}");
        }
        assert_eq!(queue.wait_quantile(0.1), Duration::ZERO);
    }

    #[test]
    fn more_connections_wait_less_and_more_load_waits_more() {
        for offered_load in [0.3, 7.0, 120.0, 4_000.0] {
            let pools: Vec<_> = Queue::stable(offered_load, SECOND).take(30).collect();
            for pair in pools.windows(2) {
                assert!(pair[1].wait_probability() < pair[0].wait_probability(), "{pair:?}");
                assert!(pair[1].mean_wait() <= pair[0].mean_wait(), "{pair:?}");
                assert!(pair[1].wait_quantile(0.99) <= pair[0].wait_quantile(0.99), "{pair:?}");
            }
            for pool in pools {
                let lighter = Queue::new(0.99 * offered_load, SECOND, pool.connections()).unwrap();
                assert!(
                    lighter.wait_probability() < pool.wait_probability(),
                    "{lighter:?} {pool:?}"
                );
            }
        }
    }

    #[test]
    fn a_pool_that_cannot_carry_its_load_is_refused() {
        for (offered_load, hold, connections, field) in [
            (8.0, SECOND, 8, "connections"),
            (8.0, SECOND, 0, "connections"),
            (8.0, SECOND, MAX_CONNECTIONS + 1, "connections"),
            (f64::NAN, SECOND, 8, "offered_load"),
            (-1.0, SECOND, 8, "offered_load"),
            (8.0, Duration::ZERO, 12, "hold"),
        ] {
            assert_eq!(Queue::new(offered_load, hold, connections).unwrap_err().field(), field);
        }
    }
}

//! The figures of one run, in the terms of those that were published.

use super::outcome::Outcome;
use super::run::Run;
use super::sampler::{Sample, Sessions};

/// Of a run, without its warm-up if not said otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summary {
    /// Calls that the servers did their part of, per second.
    pub(super) rate: f64,
    pub(super) calls: u64,
    /// Of those that the backend did not fail, warm-up included.
    pub(super) succeeded: f64,
    /// The most of each, over all samples.
    pub(super) most: Sessions,
    /// The mean of the samples.
    pub(super) active: f64,
    pub(super) waiting: u64,
    /// In bytes, of all servers together.
    pub(super) memory: u64,
    pub(super) pool_timeouts: u64,
    pub(super) protocol_errors: u64,
    /// Without an answer, or with one that makes no sense.
    pub(super) lost: u64,
    /// Processor time in milliseconds for each call, warm-up included.
    pub(super) server_ms: f64,
    pub(super) database_ms: f64,
}

impl Summary {
    pub(super) fn of(run: &Run) -> Summary {
        let samples: Vec<&Sample> =
            run.samples.iter().filter(|sample| sample.at >= run.warm_up).collect();
        let totals = &run.totals;
        let calls: u64 = totals.outcomes.values().sum();
        let ours: u64 = totals
            .outcomes
            .iter()
            .filter(|(outcome, _)| !outcome.is_the_backends())
            .map(|(_, calls)| calls)
            .sum();
        let begun = run.seconds.iter().flat_map(|second| second.outcomes.values()).sum::<u64>();
        let per_call = |seconds: f64| 1e3 * seconds / (begun.max(1) as f64);
        let active: i64 = samples.iter().map(|sample| sample.sessions.active).sum();
        Summary {
            rate: totals.rate(),
            calls,
            succeeded: totals.count(Outcome::Succeeded) as f64 / ours.max(1) as f64,
            most: samples
                .iter()
                .fold(Sessions::default(), |most, sample| most.greatest(&sample.sessions)),
            active: active as f64 / samples.len().max(1) as f64,
            waiting: samples.iter().filter_map(|sample| sample.waiting).max().unwrap_or(0),
            memory: run.samples.iter().map(|sample| sample.memory).max().unwrap_or(0),
            pool_timeouts: totals.count(Outcome::PoolTimeout),
            protocol_errors: totals.count(Outcome::ProtocolError),
            lost: totals.count(Outcome::NoAnswer) + totals.count(Outcome::Broken),
            server_ms: per_call(run.processor.servers),
            database_ms: per_call(run.processor.database),
        }
    }
}

impl Sessions {
    fn greatest(self, other: &Sessions) -> Sessions {
        Sessions {
            connections: self.connections.max(other.connections),
            active: self.active.max(other.active),
            idle_in_transaction: self.idle_in_transaction.max(other.idle_in_transaction),
            idle_over_100ms: self.idle_over_100ms.max(other.idle_over_100ms),
            oldest: self.oldest.max(other.oldest),
            mean_hold: self.mean_hold.max(other.mean_hold),
        }
    }
}

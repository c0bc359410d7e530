//! Requests that come at a fixed rate, whatever becomes of those before.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use crate::incident::outcome::Outcome;

use super::quantiles::{LONGEST, Quantiles, microseconds};

/// What became of them.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Probed {
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    /// Of all, those that failed too.
    pub(crate) latency: Quantiles,
}

pub(super) struct Probe(JoinHandle<Probed>);

impl Probe {
    /// Sends the `nth` request by `send`, until `end`.
    pub(super) fn start<F>(
        every: Duration,
        end: Instant,
        send: impl Fn(u64) -> F + Send + 'static,
    ) -> Probe
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Probe(tokio::spawn(async move {
            let mut ticks = interval(every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut requests = JoinSet::new();
            let mut nth = 0;
            while let Ok(due) = timeout_at(end, ticks.tick()).await {
                let request = send(nth);
                nth += 1;
                requests.spawn(async move {
                    // From when it was due: a late start is part of the wait.
                    let outcome = timeout_at(end, request).await;
                    (outcome, due.elapsed())
                });
            }
            tally(requests.join_all().await)
        }))
    }

    pub(super) async fn end(self) -> Probed {
        self.0.await.expect("no request panics")
    }
}

fn tally<E>(requests: Vec<(Result<Outcome, E>, Duration)>) -> Probed {
    let mut outcomes = BTreeMap::new();
    let mut latency = Histogram::new_with_max(LONGEST, 3).expect("three digits");
    for (outcome, elapsed) in requests {
        // One that the end of the run cut has waited so long at least.
        if let Ok(outcome) = outcome {
            *outcomes.entry(outcome).or_default() += 1;
        }
        latency.saturating_record(microseconds(elapsed));
    }
    Probed { outcomes, latency: Quantiles::of(&latency) }
}

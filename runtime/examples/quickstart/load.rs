//! All calls at once, and how they went.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::call::{Call, ToolError};
use crate::progress::Progress;

pub(crate) struct Outcome {
    pub(crate) succeeded: u64,
    /// Reasons, and how often each.
    pub(crate) failures: BTreeMap<String, u64>,
    pub(crate) elapsed: Duration,
    /// Of all calls, the failed ones too; in microseconds.
    pub(crate) latency: Histogram<u64>,
}

impl Outcome {
    pub(crate) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }
}

pub(crate) async fn run<F>(
    name: &'static str,
    calls: i64,
    handler: impl Fn(Call) -> F + Send + Sync + 'static,
) -> Outcome
where
    F: Future<Output = Result<String, ToolError>> + Send + 'static,
{
    let handler = Arc::new(handler);
    let progress = Progress::start(name, calls.cast_unsigned());
    let started = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..calls {
        let handler = Arc::clone(&handler);
        running.spawn(async move {
            let started = Instant::now();
            let result = handler(Call::numbered(number)).await;
            (started.elapsed(), result)
        });
    }
    let mut outcome = Outcome {
        succeeded: 0,
        failures: BTreeMap::new(),
        elapsed: Duration::ZERO,
        latency: Histogram::new(3).expect("3 significant digits are supported"),
    };
    while let Some(call) = running.join_next().await {
        let (latency, result) = call.expect("a handler does not panic");
        outcome.latency += u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        match result {
            Ok(_) => outcome.succeeded += 1,
            Err(error) => *outcome.failures.entry(error.to_string()).or_default() += 1,
        }
        progress.show(outcome.succeeded, outcome.failed());
    }
    outcome.elapsed = started.elapsed();
    progress.finish();
    outcome
}

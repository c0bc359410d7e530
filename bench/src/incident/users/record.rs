//! What the users saw.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::mem;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::incident::outcome::{Ledger, Outcome};

use super::probe::Probed;
use super::quantiles::{LONGEST, Quantiles, microseconds};

/// What the users' process says.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Said {
    Second(Second),
    End(Box<Totals>),
}

/// What happened since the second before.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Second {
    /// Seconds since the start.
    pub(crate) at: f64,
    /// How long it was.
    pub(crate) length: f64,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    /// What calls that were served took beyond the backend's own time.
    pub(crate) added: Quantiles,
}

impl Second {
    /// Calls that were served, per second.
    pub(crate) fn rate(&self) -> f64 {
        served(&self.outcomes) as f64 / self.length
    }
}

/// The whole run, without its warm-up.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Totals {
    /// Seconds that count.
    pub(crate) length: f64,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    /// Of calls with any outcome.
    pub(crate) latency: Quantiles,
    /// What calls that were served took beyond the backend's own time.
    pub(crate) added: Quantiles,
    /// Warm-up included.
    pub(crate) login: Probed,
    /// Warm-up included.
    pub(crate) health: Probed,
}

impl Totals {
    /// Calls that were served, per second.
    pub(crate) fn rate(&self) -> f64 {
        served(&self.outcomes) as f64 / self.length
    }

    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }
}

fn served(outcomes: &BTreeMap<Outcome, u64>) -> u64 {
    outcomes.iter().filter(|(outcome, _)| outcome.is_served()).map(|(_, calls)| calls).sum()
}

pub(super) struct Recorder {
    start: Instant,
    warm_up: Duration,
    state: Mutex<State>,
}

struct State {
    second: Tally,
    total: Tally,
    ledger: Ledger,
}

struct Tally {
    since: Instant,
    outcomes: BTreeMap<Outcome, u64>,
    latency: Histogram<u64>,
    added: Histogram<u64>,
}

impl Tally {
    fn new(since: Instant) -> Tally {
        let histogram = || Histogram::new_with_max(LONGEST, 3).expect("three digits");
        Tally { since, outcomes: BTreeMap::new(), latency: histogram(), added: histogram() }
    }

    fn record(&mut self, outcome: Outcome, latency: Duration, backend: Duration) {
        *self.outcomes.entry(outcome).or_default() += 1;
        self.latency.saturating_record(microseconds(latency));
        if outcome.is_served() {
            self.added.saturating_record(microseconds(latency.saturating_sub(backend)));
        }
    }
}

impl Recorder {
    pub(super) fn new(start: Instant, warm_up: Duration) -> Recorder {
        let state = State {
            second: Tally::new(start),
            total: Tally::new(start + warm_up),
            ledger: Vec::new(),
        };
        Recorder { start, warm_up, state: Mutex::new(state) }
    }

    /// Records a call that has an outcome.
    pub(super) fn record(&self, call: u64, outcome: Outcome, latency: Duration, backend: Duration) {
        let mut state = self.state();
        state.ledger.push((call, outcome));
        state.second.record(outcome, latency, backend);
        if self.start.elapsed() >= self.warm_up {
            state.total.record(outcome, latency, backend);
        }
    }

    /// Records a call that the end of the run cut.
    pub(super) fn cut(&self, call: u64) {
        self.state().ledger.push((call, Outcome::NoAnswer));
    }

    /// What happened since this was last asked.
    pub(super) fn second(&self) -> Second {
        let now = Instant::now();
        let Tally { since, outcomes, added, .. } =
            mem::replace(&mut self.state().second, Tally::new(now));
        Second {
            at: (now - self.start).as_secs_f64(),
            length: (now - since).as_secs_f64(),
            outcomes,
            added: Quantiles::of(&added),
        }
    }

    pub(super) fn totals(&self, login: Probed, health: Probed) -> Totals {
        let state = self.state();
        Totals {
            length: state.total.since.elapsed().as_secs_f64(),
            outcomes: state.total.outcomes.clone(),
            latency: Quantiles::of(&state.total.latency),
            added: Quantiles::of(&state.total.added),
            login,
            health,
        }
    }

    pub(super) fn write_ledger(&self, path: &Path) -> io::Result<()> {
        let file = BufWriter::new(File::create(path)?);
        Ok(serde_json::to_writer(file, &self.state().ledger)?)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Times, and what they come to.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Times in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Quantiles {
    /// Of a histogram of microseconds.
    pub(super) fn of(histogram: &Histogram<u64>) -> Quantiles {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Quantiles { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: histogram.max() as f64 / 1e3 }
    }
}

/// The longest time that is told from longer ones, in microseconds.
pub(super) const LONGEST: u64 = 10 * 60 * 1_000_000;

pub(super) fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

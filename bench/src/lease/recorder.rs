//! What it costs that somebody records the metrics.

use std::fmt;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusBuilder;
use shortlease_tests::postgres::Server;

use super::peers::{Leased, Peer};
use super::{Size, in_turn, ratio};
use crate::samples::Samples;
use crate::table;

/// Histogram buckets, in seconds.
const BUCKETS: [f64; 10] = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0];

/// A pool without a recorder and one with it.
#[derive(Debug)]
pub struct Report {
    size: Size,
    results: Vec<(&'static str, Vec<f64>)>,
}

/// Measures next to the server, where a lease is shortest. Once in a process: a recorder that is
/// installed stays.
///
/// # Panics
/// Where PostgreSQL is not installed, a lease fails, or there is a recorder already.
pub async fn run(size: Size) -> Report {
    let server = Server::start().await;
    let plain: Peer = Arc::new(Leased::connect(&server.url(), size.connections, None).await);
    // A pool asks for its handles at its first lease, and keeps them.
    size.load().warm_up(&plain).await;
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are some");
    let recorder = recorder.install_recorder().expect("there is none yet");
    let recorded = Leased::connect(&server.url(), size.connections, Some(recorder)).await;
    let recorded: Peer = Arc::new(recorded);
    size.load().warm_up(&recorded).await;
    Report { size, results: in_turn(size, &[plain, recorded]).await }
}

impl Report {
    /// With a recorder by without.
    pub fn ratio(&self) -> f64 {
        let [(_, plain), (_, recorded)] = &self.results[..] else { unreachable!("two pools") };
        ratio(recorded, plain)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = table::new(["loopback", "leases/s", "least to most"]);
        for (name, rounds) in &self.results {
            let samples = Samples::new(rounds.iter().copied());
            table.add_row([
                (*name).to_owned(),
                format!("{:.0}", samples.median()),
                format!("{:.0} to {:.0}", samples.least(), samples.greatest()),
            ]);
        }
        writeln!(f, "{}", table.trim_fmt())?;
        let Size { connections, tasks, round, rounds } = self.size;
        write!(
            f,
            "recorded by not: {:.3}, the median of the rounds' ratios. {connections} connections, \
             {tasks} tasks, one prepared SELECT 1 for each lease;\n\
             {rounds} rounds of {round:?} for each, in turn. The recorder is \
             metrics-exporter-prometheus, its upkeep is part of each round.",
            self.ratio()
        )
    }
}

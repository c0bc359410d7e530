//! Metrics of the gateway, beside those that shortlease records itself.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use crate::tool_name::ToolName;

/// How often the samples of histograms are summed up.
const EVERY: Duration = Duration::from_secs(5);

/// Bounds of the histograms, in seconds: from a lease of one statement to the slowest tool.
pub const BOUNDS: [f64; 16] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    10.0, 30.0,
];

/// The recorder of this process, installed at the first call.
pub fn prometheus() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_time".into()), &BOUNDS)
            .and_then(|builder| {
                builder.set_buckets_for_metric(Matcher::Suffix("_duration".into()), &BOUNDS)
            })
            .expect("there are bounds")
            .build_recorder();
        let handle = recorder.handle();
        // Another recorder may be there in a test; then this one shows nothing.
        let _ = metrics::set_global_recorder(recorder);
        describe();
        handle
    })
}

/// Sums up the samples of histograms until the gateway stops. Without it they would grow for as long as nobody reads
/// `/metrics`.
///
/// # Cancel safety
///
/// Safe: nothing is left behind.
pub async fn sum_up_regularly(stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => prometheus().run_upkeep(),
            () = stop.cancelled() => return,
        }
    }
}

fn describe() {
    describe_counter!("gateway.calls", Unit::Count, "calls of tools, by outcome");
    describe_histogram!("gateway.call.duration", Unit::Seconds, "how long calls of tools took");
    describe_counter!("gateway.requests", Unit::Count, "HTTP requests, by status");
    describe_counter!("gateway.shared.failures", Unit::Count, "commands that Redis failed at");
}

/// A call of a tool has ended.
pub fn called(tool: &ToolName, outcome: &str, took: Duration) {
    let upstream = tool.upstream().to_owned();
    counter!("gateway.calls", "upstream" => upstream.clone(), "outcome" => outcome.to_owned())
        .increment(1);
    histogram!("gateway.call.duration", "upstream" => upstream).record(took);
}

//! The benchmarks run, and print what they should; how fast is for the binaries to say.

use std::time::Duration;

use shortlease_bench::{compile_cost, lease};

#[test]
fn compile_cost_prints_its_table() {
    let report = compile_cost::run(compile_cost::Size { handlers: 3, repetitions: 1 });
    sane(&report.to_string(), ["one handler, by hand", "expand macros"], report.ratios());
}

#[tokio::test(flavor = "multi_thread")]
async fn lease_prints_its_table() {
    let round = Duration::from_millis(20);
    let size = lease::Size { connections: 2, tasks: 4, round, rounds: 2 };
    let report = lease::run(size, &[Duration::ZERO, Duration::from_micros(500)]).await;
    sane(&report.to_string(), ["loopback", "bare deadpool"], report.ratios());
}

#[tokio::test(flavor = "multi_thread")]
async fn recorder_prints_its_table() {
    let round = Duration::from_millis(20);
    let size = lease::Size { connections: 2, tasks: 4, round, rounds: 2 };
    let report = lease::recorder::run(size).await;
    sane(&report.to_string(), ["loopback", "recorded by not"], [report.ratio()].into_iter());
}

fn sane(table: &str, rows: [&str; 2], ratios: impl Iterator<Item = f64>) {
    for row in rows {
        assert!(table.contains(row), "no row of {row}:\n{table}");
    }
    let ratios: Vec<f64> = ratios.collect();
    assert!(!ratios.is_empty());
    assert!(ratios.iter().all(|ratio| ratio.is_finite() && *ratio > 0.0), "{ratios:?}");
}

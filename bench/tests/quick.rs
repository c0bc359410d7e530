//! The benchmarks run, and print what they should; how fast is for the binaries to say.

use std::time::Duration;

use indicatif::ProgressBar;
use shortlease_bench::incident::{self, Distribution, Settings, Way};
use shortlease_bench::{compile_cost, lease, overload};

#[test]
fn compile_cost_prints_its_table() {
    let size = compile_cost::Size { handlers: 3, repetitions: 1 };
    let report = compile_cost::run(size, &ProgressBar::hidden());
    sane(&report.to_string(), ["one handler, by hand", "expand macros"], report.ratios());
}

#[tokio::test(flavor = "multi_thread")]
async fn lease_prints_its_table() {
    let round = Duration::from_millis(20);
    let size = lease::Size { connections: 2, tasks: 4, round, rounds: 2 };
    let delays = [Duration::ZERO, Duration::from_micros(500)];
    let report = lease::run(size, &delays, lease::of_sqlx).await;
    sane(&report.to_string(), ["loopback", "bare deadpool"], report.ratios());
}

#[tokio::test(flavor = "multi_thread")]
async fn recorder_prints_its_table() {
    let round = Duration::from_millis(20);
    let size = lease::Size { connections: 2, tasks: 4, round, rounds: 2 };
    let report = lease::recorder::run(size).await;
    sane(&report.to_string(), ["loopback", "recorded by not"], [report.ratio()].into_iter());
}

#[tokio::test(flavor = "multi_thread")]
async fn incident_is_reproduced_and_beaten() {
    let settings = Settings {
        program: env!("CARGO_BIN_EXE_incident").into(),
        command: "incident --quick".to_owned(),
        users: 0,
        pool: 0,
        length: Duration::ZERO,
        distribution: Distribution { seed: 1, speed: 1.0, steady_ms: None },
        ways: Way::ALL.to_vec(),
    };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut kept = 0;
    let after_way = |report: &incident::Report| {
        kept += 1;
        report.write(directory.path())
    };
    let report = incident::run(settings.quick(), after_way).await.expect("all processes go on");
    assert_eq!(kept, Way::ALL.len(), "reports written");
    let [held, leased, pooled] =
        [Way::Held, Way::Shortlease, Way::Pgbouncer].map(|way| report.rate(way).expect("it ran"));
    assert!(report.is_recorded_once(), "{report}");
    assert!(leased > held && pooled > held, "{report}");
    let page = std::fs::read_to_string(directory.path().join("incident.html")).expect("a page");
    for part in ["<svg", "idle in transaction", "published: incident", "prefers-color-scheme"] {
        assert!(page.contains(part), "no {part}");
    }
    assert!(!page.contains("{light}") && !page.contains("{report}"), "a page with gaps");
    let figures = std::fs::read(directory.path().join("incident.json")).expect("the figures");
    let figures: serde_json::Value = serde_json::from_slice(&figures).expect("JSON");
    assert_eq!(figures["runs"].as_array().map(Vec::len), Some(Way::ALL.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn overload_prints_its_table() {
    let size = overload::Size {
        pool: 2,
        one_way: Duration::from_millis(2),
        overload: Duration::from_secs(2),
        patience: Duration::from_secs(1),
    };
    let report = overload::run(size).await.expect("nothing but overload");
    let shares = report.rows().last().map(overload::Row::share);
    sane(&report.to_string(), ["plain", "queue_target"], shares.into_iter());
}

fn sane(table: &str, rows: [&str; 2], ratios: impl Iterator<Item = f64>) {
    for row in rows {
        assert!(table.contains(row), "no row of {row}:\n{table}");
    }
    let ratios: Vec<f64> = ratios.collect();
    assert!(!ratios.is_empty());
    assert!(ratios.iter().all(|ratio| ratio.is_finite() && *ratio > 0.0), "{ratios:?}");
}

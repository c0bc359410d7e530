//! The dashboard and the alert rules, held against what `/metrics` has.

use std::collections::BTreeSet;
use std::process::Command;

use gateway::exposition::samples;
use reqwest::Method;
use serde_json::{Value, json};
use shortlease_tests::redis::Redis;

use crate::backend::Backend;
use crate::fixture::Fixture;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/monitoring");

/// Metrics that a rule or a panel asks for: every word that begins as ours do.
fn names(text: &str) -> BTreeSet<String> {
    const LABELS: [&str; 2] = ["db_client_connection_pool_name", "db_client_connection_state"];
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !word(c))
        .filter(|name| {
            ["db_client_", "shortlease_", "gateway_"].iter().any(|p| name.starts_with(p))
        })
        .filter(|name| !LABELS.contains(name))
        .map(str::to_owned)
        .collect()
}

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{DIRECTORY}/{name}")).expect(name)
}

/// A gateway that has done everything once that leaves a metric.
async fn metrics() -> BTreeSet<String> {
    let mut redis = Redis::start().await;
    let url = redis.url();
    let fixture = Fixture::new(&["--allow-private", "--redis-url", &url]).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &["answer"]).await;
    let token = fixture.team("team", &["*"]).await;
    fixture.call(&token, "tools__answer", json!({})).await.good();
    redis.kill_9().await;
    fixture.call(&token, "tools__answer", json!({})).await.good();
    fixture.admin(Method::DELETE, "teams/team", Value::Null).await.good();
    let text = fixture.get("", "/metrics").await.good();
    samples(text.as_str().unwrap()).map(|sample| sample.name.to_owned()).collect()
}

#[tokio::test]
async fn every_metric_of_dashboard_and_alerts_exists() {
    let there = metrics().await;
    let dashboard: Value = serde_json::from_str(&file("dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let queries: String =
        targets.map(|target| target["expr"].as_str().unwrap().to_owned() + "\n").collect();
    let rules = file("alerts.yml");
    let rules: String =
        rules.lines().filter(|line| !line.trim_start().starts_with("summary")).collect();
    let wanted: BTreeSet<_> = names(&queries).union(&names(&rules)).cloned().collect();
    assert!(wanted.len() >= 15, "{wanted:?}");
    let missing: Vec<_> = wanted.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?} are not among {there:?}");
}

#[test]
fn promtool_accepts_the_rules_and_their_tests_pass() {
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]] {
        let output = Command::new("promtool").args(arguments).current_dir(DIRECTORY).output();
        let output = output.expect("promtool, which scripts/install installs");
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}:\n{text}");
    }
}

//! The official Python SDK as the client. `scripts/install-python-mcp` installs it.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use shortlease_tests::wait;
use tokio::process::Command;

use crate::backend::{Backend, TOOLS};
use crate::fixture::Fixture;

/// The client as a process that ends with the test.
fn client(fixture: &Fixture<shortlease::Sqlite>, token: &str) -> Command {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("../target/python/bin/python");
    assert!(python.exists(), "no {}: run scripts/install-python-mcp", python.display());
    let mut command = Command::new(python);
    command
        .arg(here.join("tests/gateway/official_client.py"))
        .args([&fixture.url("/mcp"), token])
        .stderr(Stdio::inherit())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn fixture(flags: &[&str]) -> (Fixture<shortlease::Sqlite>, Backend, String) {
    let fixture = Fixture::new(&[&["--demo", "--allow-private"][..], flags].concat()).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &TOOLS).await;
    let token = fixture.team("python", &["demo__*", "tools__*"]).await;
    (fixture, backend, token)
}

#[tokio::test]
async fn it_lists_calls_fails_gives_up_and_comes_back() {
    let (fixture, backend, token) = fixture(&["--rate-limit", "10"]).await;
    let client = client(&fixture, &token).output();
    let output = tokio::time::timeout(wait::LIMIT * 4, client).await.unwrap().unwrap();
    let steps = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "after {steps}\n{errors}");
    let steps: Vec<_> = steps.lines().collect();
    assert_eq!(steps, ["lists", "calls", "errors", "gives_up", "limited"]);
    // The call that it gave up ended at the backend too.
    wait::until("its call has ended", async || backend.abandoned() == 1).await;
}

#[tokio::test]
async fn one_that_vanishes_leaves_nothing_behind() {
    let (fixture, backend, token) = fixture(&[]).await;
    let mut vanishing = client(&fixture, &token).arg("vanish").spawn().unwrap();
    wait::until("its call at the backend", async || backend.calls() == 1).await;
    vanishing.kill().await.unwrap();
    wait::until("its call has ended", async || backend.abandoned() == 1).await;
    assert_eq!(fixture.gateway.app.db.leases().len(), 0);
    assert_eq!(fixture.get(&token, "/v1/calls").await.good()["calls"], json!([]));
}

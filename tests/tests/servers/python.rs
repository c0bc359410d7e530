//! The official Python SDK as the client. `scripts/install-python-mcp` installs it.

use std::path::Path;
use std::process::Stdio;

use shortlease_tests::wait;
use tokio::process::Command;
use tokio::time::timeout;

use crate::client::scratch;

#[tokio::test]
async fn the_official_client_lists_calls_fails_cancels_and_comes_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let python = root.join("target/python/bin/python");
    assert!(python.exists(), "no {}: run scripts/install-python-mcp", python.display());
    let scratch = scratch().await;
    let client = Command::new(python)
        .arg(root.join("tests/clients/official.py"))
        .args([env!("CARGO_BIN_EXE_server"), "stdio"])
        .env("DATABASE_URL", scratch.url())
        .env("ONE_CONNECTION", "1")
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .output();
    let output = timeout(wait::LIMIT * 4, client).await.expect("an end in time").expect("python");
    let steps = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "after {steps}");
    let steps: Vec<_> = steps.lines().collect();
    assert_eq!(steps, ["list", "call", "error", "busy", "cancel", "reconnect"]);
    wait::until("no sessions", async || scratch.sessions().await.is_empty()).await;
}

//! The official Python SDK as the client, over HTTP and stdio. `scripts/install-python-mcp` installs it.

use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use shortlease::Sqlite;
use shortlease_tests::wait;
use tokio::process::Command;

use crate::PROGRAM;
use crate::backend::{Backend, TOOLS};
use crate::fixture::Fixture;

/// One connection, and no task that might use it.
const FLAGS: [&str; 9] = [
    "--allow-private", "--pool", "1", "--acquire-timeout", "1", "--rate-limit", "20",
    "--keep-days", "0",
];

/// A gateway whose demo and backend a client of either transport calls.
struct Setting {
    fixture: Fixture<Sqlite>,
    backend: Backend,
    token: String,
}

impl Setting {
    async fn new() -> Self {
        let fixture = Fixture::new(&[&["--demo"], &FLAGS[..]].concat()).await;
        let backend = Backend::start().await;
        fixture.upstream("tools", &backend.url, &TOOLS).await;
        let token = fixture.team("python", &["demo__*", "tools__*"]).await;
        Setting { fixture, backend, token }
    }

    /// The client as a process that ends with the test.
    fn client(&self, steps: &str, target: &[&str]) -> Command {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../target/python/bin/python");
        assert!(python.exists(), "no {}: run scripts/install-python-mcp", python.display());
        let mut command = Command::new(python);
        command
            .arg(here.join("tests/gateway/official_client.py"))
            .arg(steps)
            .arg(self.fixture.directory.path().join("gateway.db"))
            .arg(&self.backend.url)
            .args(target)
            .stderr(Stdio::inherit())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn over_http(&self, steps: &str) -> Command {
        self.client(steps, &["http", &self.fixture.url("/mcp"), &self.token])
    }

    /// The client starts a gateway of its own on the same database.
    fn over_stdio(&self, steps: &str) -> Command {
        let url = self.fixture.gateway.app.settings.database_url();
        let own = ["stdio", PROGRAM, "--database-url", url, "--token", &self.token, "stdio"];
        self.client(steps, &[&own, &FLAGS[..]].concat())
    }

    async fn all_steps_hold(&self, mut client: Command) {
        let output = tokio::time::timeout(wait::LIMIT * 4, client.output()).await.unwrap().unwrap();
        let steps = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "after {steps}");
        let steps: Vec<_> = steps.lines().collect();
        let all =
            ["lists", "calls", "errors", "busy", "gives_up", "cancels", "reconnects", "limited"];
        assert_eq!(steps, all);
        // The calls that it gave up and cancelled ended at the backend too.
        wait::until("its calls have ended", async || self.backend.abandoned() == 2).await;
    }

    /// But for the record of its call.
    async fn nothing_is_left_of_one_that_vanishes(&self, mut client: Command) {
        let mut vanishing = client.spawn().unwrap();
        wait::until("its call at the backend", async || self.backend.calls() == 1).await;
        vanishing.kill().await.unwrap();
        wait::until("its call has ended", async || self.backend.abandoned() == 1).await;
        let db = &self.fixture.gateway.app.db;
        wait::until("its lease has ended", async || db.leases().is_empty()).await;
    }

    /// The outcomes of the calls that are recorded.
    async fn outcomes(&self) -> Vec<serde_json::Value> {
        let calls = self.fixture.get(&self.token, "/v1/calls").await.good();
        calls["calls"].as_array().unwrap().iter().map(|call| call["outcome"].clone()).collect()
    }
}

#[tokio::test]
async fn all_steps_hold_over_http() {
    let setting = Setting::new().await;
    setting.all_steps_hold(setting.over_http("all")).await;
}

#[tokio::test]
async fn all_steps_hold_over_stdio() {
    let setting = Setting::new().await;
    setting.all_steps_hold(setting.over_stdio("all")).await;
}

#[tokio::test]
async fn one_that_vanishes_leaves_nothing_behind_over_http() {
    let setting = Setting::new().await;
    setting.nothing_is_left_of_one_that_vanishes(setting.over_http("vanish")).await;
    let is_recorded = async || setting.outcomes().await == [json!("client_gone")];
    wait::until("its call is recorded", is_recorded).await;
}

#[tokio::test]
async fn one_that_vanishes_leaves_nothing_behind_over_stdio() {
    let setting = Setting::new().await;
    setting.nothing_is_left_of_one_that_vanishes(setting.over_stdio("vanish")).await;
    // The gateway closes its database with its client, so the call may not be recorded.
    assert!(setting.outcomes().await.iter().all(|outcome| outcome == "client_gone"));
}

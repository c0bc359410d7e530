//! Tokens are where they have to be, and nowhere else.

use reqwest::Method;
use serde_json::json;
use tracing::Level;

use crate::backend::Backend;
use crate::fixture::{ADMIN, Fixture};
use crate::log::Log;

/// What an upstream wants to see.
const CREDENTIAL: &str = "the-credential-of-an-upstream";

/// All requests run on this test's thread, so the log that is this thread's has all of them.
#[tokio::test]
async fn tokens_are_in_no_log_no_metric_no_error_and_no_table() {
    let log = Log::default();
    let _guard = log.start(Level::TRACE);
    let fixture = Fixture::new(&["--allow-private", "--rate-limit", "4"]).await;
    let backend = Backend::start().await;
    let token = fixture.team("team", &["tools__*", "demo__*"]).await;
    // The credentials of two upstreams, one of each kind, and one at a wrong place.
    let demo = gateway::demo::start(fixture.gateway.app.stop.clone()).await.unwrap();
    let mut answers = String::new();
    for upstream in [
        json!({ "kind": "mcp", "url": format!("http://{demo}/mcp"), "headers": { "authorization": CREDENTIAL } }),
        json!({ "kind": "http", "url": demo, "headers": CREDENTIAL }),
    ] {
        answers += &format!("{:?}", fixture.admin(Method::PUT, "upstreams/demo", upstream).await);
    }
    let tools = json!([{ "name": "answer" }, { "name": "break" }]);
    let upstream = json!({
        "kind": "http", "url": backend.url, "tools": tools, "headers": { "x-credential": CREDENTIAL },
    });
    fixture.admin(Method::PUT, "upstreams/tools", upstream).await.good();
    let login = fixture.post(&token, "/v1/login", json!(null)).await.good();
    let login = login["token"].as_str().unwrap().to_owned();
    let tools = [
        "tools__answer", "tools__break", "demo__fail", "nowhere__x", "tools__answer",
        "tools__answer",
    ];
    for tool in tools {
        answers += &format!("{:?}", fixture.call(&login, tool, json!({ "a": 1 })).await);
    }
    // In places where it does not belong, and wrong.
    let wrong = format!("{token}0");
    answers += &format!("{:?}", fixture.get(&wrong, "/v1/calls").await);
    answers += &format!("{:?}", fixture.get(&format!("{ADMIN}0"), "/debug/leases").await);
    for list in ["tools", "upstreams", "tokens", "grants", "calls", "audit"] {
        answers += &format!("{:?}", fixture.get(&token, &format!("/v1/{list}")).await);
    }
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "tools__answer", "arguments": {} },
    });
    for body in ["nonsense".to_owned(), call.to_string()] {
        let request = fixture.request(&token, Method::POST, "/mcp").body(body);
        let request = request.header("accept", "application/json, text/event-stream");
        let request = request.header("content-type", "application/json");
        answers += &format!("{:?}", Fixture::<shortlease::Sqlite>::send(request).await);
    }
    assert!(answers.contains("isError"), "MCP has not answered:\n{answers}");
    assert_eq!(backend.credential().as_deref(), Some(CREDENTIAL));
    let metrics = fixture.get("", "/metrics").await.good().to_string();
    let secrets = [&token, &login].map(|token| token.rsplit('_').next().unwrap().to_owned());
    let file = std::fs::read(fixture.directory.path().join("gateway.db")).unwrap();
    let wal = std::fs::read(fixture.directory.path().join("gateway.db-wal")).unwrap_or_default();
    let log = log.text();
    assert!(log.contains("tools__answer"), "the log has nothing to be looked at:\n{log}");
    for secret in secrets.iter().map(String::as_str).chain([ADMIN, CREDENTIAL]) {
        assert!(!answers.contains(secret), "an answer has it:\n{answers}");
        assert!(!metrics.contains(secret), "a metric has it");
        // It has to have the credentials of upstreams.
        let stored = contains(&file, secret) || contains(&wal, secret);
        assert_eq!(stored, secret == CREDENTIAL, "the database has it");
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

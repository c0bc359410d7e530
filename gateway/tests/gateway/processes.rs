//! Signals, stdin and exit codes, with real processes.

use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use rmcp::model::CallToolRequestParams;
use serde_json::json;
use shortlease::Sqlite;
use shortlease_tests::postgres::Server;
use shortlease_tests::wait;
use tempfile::TempDir;

use crate::PROGRAM;
use crate::backend::Backend;
use crate::fixture::{Fixture, stop};
use crate::mcp_client::request;
use crate::process::{Process, command};

const ADMIN: [&str; 3] = ["--admin-token", "admin", "--allow-private"];

/// Prepares a database for processes, and returns its URL and a token of its team.
async fn prepared(backend: &Backend) -> (TempDir, String, String) {
    let fixture = Fixture::new(&["--allow-private"]).await;
    fixture.upstream("tools", &backend.url, &["answer", "wait"]).await;
    let token = fixture.team("team", &["*"]).await;
    let url = fixture.gateway.app.settings.database_url().to_owned();
    let directory = fixture.directory;
    stop(fixture.gateway).await;
    (directory, url, token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_it_after_the_calls_under_way() {
    let server = Server::shared().await;
    let url = server.create_database("gateway_sigterm").await;
    let backend = Backend::start().await;
    let flags = [&ADMIN[..], &["--database-url", &url]].concat();
    let mut process = tokio::task::block_in_place(|| Process::start(PROGRAM, &flags));
    let base = format!("http://{}", process.address);
    let http = reqwest::Client::new();
    let admin = async |method: Method, path: &str, body: serde_json::Value| {
        let request = http.request(method, format!("{base}/v1/admin/{path}"));
        Fixture::<Sqlite>::send(request.bearer_auth("admin").json(&body)).await.good()
    };
    let tools = json!([{ "name": "wait" }]);
    let upstream = json!({ "kind": "http", "url": backend.url, "tools": tools });
    admin(Method::PUT, "upstreams/tools", upstream).await;
    admin(Method::PUT, "teams/team", json!(null)).await;
    admin(Method::PUT, "teams/team/grants", json!({ "tools": ["*"] })).await;
    let token = admin(Method::POST, "teams/team/tokens", json!({})).await;
    let token = token["token"].as_str().unwrap().to_owned();
    let call = http.post(format!("{base}/v1/tools/tools__wait/call")).bearer_auth(token);
    let call = tokio::spawn(Fixture::<Sqlite>::send(call.json(&json!({}))));
    wait::until("the call at the backend", async || backend.calls() == 1).await;
    process.signal("TERM");
    let refused = async || http.get(format!("{base}/healthz")).send().await.is_err();
    wait::until("no more requests are taken", refused).await;
    backend.release();
    call.await.unwrap().good();
    assert_eq!(tokio::task::block_in_place(|| wait_for(&mut process.child)), Some(0));
    assert_eq!(server.sessions("gateway_sigterm").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rmcps_client_calls_over_stdio_and_the_process_ends_with_stdin() {
    let backend = Backend::start().await;
    let (_directory, url, token) = prepared(&backend).await;
    let flags = ["--database-url", &url, "--allow-private", "--token", &token, "stdio"];
    let mut child = tokio::process::Command::from(command(PROGRAM, &flags))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    let client = rmcp::serve_client((), pipes).await.unwrap();
    let names = client.list_all_tools().await.unwrap();
    let names: Vec<_> = names.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, ["tools__answer", "tools__wait"]);
    let answer = client.call_tool(request("tools__answer", json!({}))).await.unwrap();
    assert_eq!(answer.structured_content.unwrap()["answer"], "answer");
    let none = client.call_tool(CallToolRequestParams::new("none")).await.unwrap();
    assert_eq!(none.structured_content.unwrap()["code"], "no_such_tool");
    // A call under way when stdin ends.
    let peer = client.peer().clone();
    let called =
        tokio::spawn(async move { peer.call_tool(request("tools__wait", json!({}))).await });
    wait::until("the call at the backend", async || backend.calls() == 2).await;
    client.cancel().await.unwrap();
    assert!(called.await.unwrap().is_err());
    let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await.unwrap();
    assert_eq!(ended.unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_an_answer_over_stdio() {
    let token = gateway::secret::Token::generate().reveal();
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    let mut child = tokio::process::Command::from(command(
        PROGRAM,
        &["--database-url", nowhere, "--token", &token, "--acquire-timeout", "1", "stdio"],
    ))
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .kill_on_drop(true)
    .spawn()
    .unwrap();
    let pipes = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    let client = rmcp::serve_client((), pipes).await.unwrap();
    let answer = client.call_tool(request("tools__answer", json!({}))).await.unwrap();
    assert_eq!(answer.is_error, Some(true));
    let structured = answer.structured_content.unwrap();
    assert!(["connect", "busy"].contains(&structured["code"].as_str().unwrap()), "{structured}");
    client.cancel().await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await.unwrap();
    assert_eq!(ended.unwrap().code(), Some(0));
}

#[test]
fn flags_that_cannot_work_end_it_with_a_reason() {
    let (text, code) = output(&["--help"]);
    assert_eq!(code, Some(0));
    for flag in ["--pool", "--budget", "--redis-url", "GATEWAY_ADMIN_TOKEN", "check", "stdio"] {
        assert!(text.contains(flag), "{flag} is not in\n{text}");
    }
    assert_eq!(output(&["--pool", "many"]).1, Some(2));
    let (text, code) = output(&["--database-url", "mysql://a/b"]);
    assert_eq!(
        (text.as_str(), code),
        ("gateway: DATABASE_URL is neither sqlite:// nor postgres://\n", Some(1))
    );
    let (text, code) = output(&["--database-url", "postgres://me:secret@127.0.0.1:1/x", "check"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.starts_with("WRONG  database: ") && !text.contains("secret"), "{text}");
    let (text, code) = output(&["--token", "slk_wrong", "stdio"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("GATEWAY_TOKEN is not a token") && !text.contains("slk_wrong"), "{text}");
}

/// Waits for the end of a process and returns its exit code; `None` for a signal.
fn wait_for(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = child.try_wait().expect("our own child") {
            return status.code();
        }
        assert!(Instant::now() < deadline, "the process does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What a process prints, and its exit code.
fn output(flags: &[&str]) -> (String, Option<i32>) {
    let mut command = command(PROGRAM, flags);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let code = wait_for(&mut child);
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    (text, code)
}

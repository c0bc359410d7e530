//! MCP over streamable HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rustix::process::Signal;
use serde_json::json;
use shortlease_tests::mcp::{Backend, Tools};
use shortlease_tests::wait;
use sqlx::{Connection, Executor, PgConnection};
use tokio::net::{TcpListener, TcpStream};

use crate::child::{send_signal, server};
use crate::client::scratch;

fn call(address: SocketAddr, tool: &str) -> reqwest::RequestBuilder {
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": tool, "arguments": { "text": tool } },
    });
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("http://{address}/mcp"))
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .body(call.to_string())
}

#[tokio::test]
async fn a_client_that_is_gone_ends_its_call() {
    let scratch = scratch().await;
    let db = scratch.builder().connect_lazy().unwrap();
    let backend = Arc::<Backend>::default();
    let tools = Tools::new(db.clone(), Arc::clone(&backend));
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false);
    let service = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new().nest_service("/mcp", service);
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });

    let request = call(address, "ask");
    let client = tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() });
    wait::until("a call of the backend", async || {
        assert!(!client.is_finished(), "answered too early");
        backend.calls() == 1
    })
    .await;
    client.abort();
    wait::until("the end of the call", async || backend.calls() == 0).await;
    let sessions = scratch.sessions().await;
    assert!(sessions.is_empty(), "it never leased: {sessions:?}");
}

#[tokio::test]
async fn sigterm_lets_a_call_under_way_answer() {
    let scratch = scratch().await;
    // The COMMIT of the call waits for this lock.
    let mut other = PgConnection::connect(&scratch.url()).await.unwrap();
    other.execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut process =
        server(&scratch.url()).args(["mcp", &address.to_string()]).spawn().expect("the server");
    wait::until("the server", async || TcpStream::connect(address).await.is_ok()).await;

    let request = call(address, "guard");
    let client = tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() });
    wait::until("its COMMIT", async || {
        scratch.sessions().await.iter().any(|session| session.query == "COMMIT")
    })
    .await;
    send_signal(&process, Signal::TERM);
    wait::until("no more accepted", async || TcpStream::connect(address).await.is_err()).await;
    assert!(!client.is_finished(), "it is cut at the signal");
    other.execute("SELECT pg_advisory_unlock(1)").await.unwrap();

    let answer = client.await.unwrap();
    assert!(answer.contains(r#""text":"guard""#), "{answer}");
    let status = tokio::time::timeout(wait::LIMIT, process.wait()).await.expect("an end in time");
    assert_eq!(status.unwrap().code(), Some(0));
}

//! MCP over streamable HTTP.

use std::sync::Arc;

use axum::Router;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use shortlease_tests::mcp::{Backend, Tools};
use shortlease_tests::wait;
use tokio::net::TcpListener;

use crate::client::scratch;

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

    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "ask", "arguments": { "text": "asked" } },
    });
    let request = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("http://{address}/mcp"))
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .body(call.to_string());
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

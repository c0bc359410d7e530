//! Upstreams that misbehave, come and go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Method;
use rmcp::ServerHandler;
use rmcp::model::{
    ErrorData, JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities,
    ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;

use crate::backend::{Backend, TOOLS};
use crate::fixture::Fixture;

#[tokio::test]
async fn an_upstream_that_misbehaves_costs_its_caller_an_error() {
    let fixture = Fixture::new(&["--allow-private", "--upstream-timeout", "3"]).await;
    let backend = Backend::start().await;
    // Each tool at an upstream of its own, as failures of one add up.
    for tool in TOOLS {
        fixture.upstream(tool, &backend.url, &[tool]).await;
    }
    fixture.upstream("dead", "http://127.0.0.1:1", &["answer"]).await;
    let token = fixture.team("team", &["*"]).await;
    for (tool, status, code) in [
        ("hang__hang", 504, "upstream_timeout"),
        ("break__break", 502, "upstream_unreachable"),
        ("babble__babble", 502, "upstream_nonsense"),
        ("flood__flood", 502, "upstream_nonsense"),
        ("dead__answer", 502, "upstream_unreachable"),
    ] {
        let answer = fixture.call(&token, tool, json!({})).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{tool}");
        let recorded = fixture.get(&token, "/v1/calls").await.good();
        assert_eq!(recorded["calls"][0]["outcome"], code, "{tool}");
        assert!(!answer.body.to_string().contains("127.0.0.1"), "{answer:?}");
        fixture.call(&token, "answer__answer", json!({})).await.good();
    }
    // A refusal is an answer.
    let refused = fixture.call(&token, "refuse__refuse", json!({})).await.good();
    assert_eq!(refused["result"]["isError"], true);
    assert_eq!(refused["result"]["structuredContent"], "not like this");
}

#[tokio::test]
async fn one_that_keeps_failing_is_left_alone_and_the_others_are_not() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    fixture.upstream("bad", &backend.url, &["break"]).await;
    fixture.upstream("good", &backend.url, &["answer"]).await;
    let token = fixture.team("team", &["*"]).await;
    for _ in 0..5 {
        let failed = fixture.call(&token, "bad__break", json!({})).await;
        assert_eq!(failed.code(), "upstream_unreachable");
    }
    let before = backend.calls();
    let left_alone = fixture.call(&token, "bad__break", json!({})).await;
    assert_eq!((left_alone.status.as_u16(), left_alone.code()), (503, "upstream_resting"));
    assert!(left_alone.body["retry_after_ms"].as_u64().unwrap() <= 10_000);
    assert_eq!(backend.calls(), before);
    fixture.call(&token, "good__answer", json!({})).await.good();
    let seen = fixture.get(&token, "/v1/upstreams").await.good();
    let seen = seen["upstreams"].as_array().unwrap();
    let circuits: Vec<_> = seen.iter().map(|one| (&one["name"], &one["circuit"])).collect();
    assert_eq!(circuits, [(&json!("bad"), &json!("open")), (&json!("good"), &json!("closed"))]);
    // A change that fails changes nothing.
    let nowhere = json!({ "kind": "mcp", "url": "http://127.0.0.1:1" });
    let refused = fixture.admin(Method::PUT, "upstreams/bad", nowhere).await;
    assert_eq!(refused.code(), "upstream_unreachable");
    let left_alone = fixture.call(&token, "bad__break", json!({})).await;
    assert_eq!(left_alone.code(), "upstream_resting");
    // Registered anew, it is tried again.
    fixture.upstream("bad", &backend.url, &["break", "answer"]).await;
    fixture.call(&token, "bad__answer", json!({})).await.good();
}

#[tokio::test]
async fn tools_that_share_a_name_are_told_apart() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let (one, two) = (Backend::start().await, Backend::start().await);
    fixture.upstream("one", &one.url, &["answer"]).await;
    fixture.upstream("two", &two.url, &["answer"]).await;
    let token = fixture.team("team", &["*"]).await;
    fixture.call(&token, "two__answer", json!({})).await.good();
    assert_eq!((one.calls(), two.calls()), (0, 1));
    let listed = fixture.get(&token, "/v1/tools").await.good();
    let names: Vec<_> = listed["tools"].as_array().unwrap().iter().map(|t| &t["name"]).collect();
    assert_eq!(names, ["one__answer", "two__answer"]);
}

#[tokio::test]
async fn an_upstream_is_changed_and_removed_while_it_runs() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let (old, new) = (Backend::start().await, Backend::start().await);
    let token = fixture.team("team", &["*"]).await;
    assert_eq!(fixture.call(&token, "tools__answer", json!({})).await.code(), "no_such_tool");
    fixture.upstream("tools", &old.url, &["answer", "gone"]).await;
    fixture.call(&token, "tools__answer", json!({})).await.good();
    fixture.upstream("tools", &new.url, &["answer"]).await;
    fixture.call(&token, "tools__answer", json!({})).await.good();
    assert_eq!((old.calls(), new.calls()), (1, 1));
    assert_eq!(fixture.call(&token, "tools__gone", json!({})).await.code(), "no_such_tool");
    fixture.admin(Method::DELETE, "upstreams/tools", json!(null)).await.good();
    assert_eq!(fixture.call(&token, "tools__answer", json!({})).await.code(), "no_such_tool");
    let again = fixture.admin(Method::DELETE, "upstreams/tools", json!(null)).await;
    assert_eq!(again.code(), "not_found");
}

#[tokio::test]
async fn an_address_that_the_policy_does_not_permit_is_not_called() {
    let fixture = Fixture::new(&[]).await;
    let backend = Backend::start().await;
    for url in
        [backend.url.as_str(), "http://169.254.169.254/latest", "http://[::1]:1", "file:///etc"]
    {
        let upstream = json!({ "kind": "http", "url": url, "tools": [{ "name": "answer" }] });
        let refused = fixture.admin(Method::PUT, "upstreams/tools", upstream).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "upstream_forbidden"), "{url}");
    }
    // One that was registered when more was permitted, or whose name leads here, is not called either.
    let name = format!("http://localhost:{}", backend.url.rsplit(':').next().unwrap());
    fixture.upstream("tools", &name, &["answer"]).await;
    let token = fixture.team("team", &["*"]).await;
    let answer = fixture.call(&token, "tools__answer", json!({})).await;
    assert_eq!(answer.code(), "upstream_unreachable");
    assert_eq!(backend.calls(), 0);
}

#[tokio::test]
async fn an_mcp_upstream_that_hangs_ends_in_time() {
    let fixture = Fixture::new(&["--allow-private", "--upstream-timeout", "0.3"]).await;
    // Accepts, and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", silent.local_addr().unwrap());
    let began = Instant::now();
    let upstream = json!({ "kind": "mcp", "url": url });
    let refused = fixture.admin(Method::PUT, "upstreams/silent", upstream).await;
    assert_eq!(refused.code(), "upstream_timeout");
    assert!(began.elapsed() < Duration::from_secs(10));
}

/// An MCP server whose list of tools has so many on each page, and no end.
#[derive(Clone)]
struct Endless(usize);

impl ServerHandler for Endless {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = Tool::new("answer", "", Arc::new(JsonObject::new()));
        let mut page = ListToolsResult::with_all_items(vec![tool; self.0]);
        page.next_cursor = Some("more".into());
        Ok(page)
    }
}

#[tokio::test]
async fn an_mcp_upstream_whose_list_does_not_end_is_refused() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    for on_a_page in [0, 300] {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let sessions = Arc::new(NeverSessionManager::default());
        let server = move || Ok(Endless(on_a_page));
        let service = StreamableHttpService::new(server, sessions, config);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let router = axum::Router::new().nest_service("/mcp", service);
        tokio::spawn(axum::serve(listener, router).into_future());
        let upstream = json!({ "kind": "mcp", "url": url });
        let refused = fixture.admin(Method::PUT, "upstreams/endless", upstream).await;
        assert_eq!(refused.code(), "upstream_too_many_tools", "{on_a_page}");
    }
}

#[tokio::test]
async fn an_upstream_gets_the_headers_that_it_wants() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    let token = fixture.team("team", &["*"]).await;
    let put = async |headers: serde_json::Value| {
        let tools = json!([{ "name": "answer" }]);
        let upstream =
            json!({ "kind": "http", "url": backend.url, "tools": tools, "headers": headers });
        fixture.admin(Method::PUT, "upstreams/tools", upstream).await
    };
    for credential in ["first", "second"] {
        put(json!({ "X-Credential": credential })).await.good();
        fixture.call(&token, "tools__answer", json!({})).await.good();
        assert_eq!(backend.credential().as_deref(), Some(credential));
    }
    // What is not said again is gone.
    put(json!({})).await.good();
    fixture.call(&token, "tools__answer", json!({})).await.good();
    assert_eq!(backend.credential(), None);
    for wrong in [json!("hidden"), json!({ "host": "hidden" }), json!({ "a": ["hidden"] })] {
        let refused = put(wrong).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid"));
        let shown = refused.body.to_string();
        assert!(shown.contains("`headers`") && !shown.contains("hidden"), "{shown}");
    }
}

/// One gateway as the upstream of another, with a token of its own.
#[tokio::test]
async fn an_mcp_upstream_gets_the_headers_that_it_wants() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let behind = Fixture::new(&["--demo"]).await;
    let token = fixture.team("team", &["*"]).await;
    let put = async |headers: serde_json::Value| {
        let upstream = json!({ "kind": "mcp", "url": behind.url("/mcp"), "headers": headers });
        fixture.admin(Method::PUT, "upstreams/behind", upstream).await
    };
    assert_eq!(put(json!({})).await.code(), "upstream_unreachable");
    let credential = format!("Bearer {}", behind.gateway.demo_token.as_ref().unwrap());
    put(json!({ "Authorization": credential })).await.good();
    let answer = fixture.call(&token, "behind__demo__echo", json!({ "text": "hello" })).await;
    assert_eq!(answer.good()["result"]["content"][0]["text"], "hello");
}

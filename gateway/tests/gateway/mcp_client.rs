//! rmcp's own client, over streamable HTTP.

use gateway::database::Database;
use reqwest::Method;
use rmcp::model::{CallToolRequestParams, JsonObject};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use shortlease_tests::wait;

use crate::backend::{Backend, TOOLS};
use crate::fixture::{Fixture, stop};

type Client = RunningService<RoleClient, ()>;

pub(crate) async fn client<DB: Database>(fixture: &Fixture<DB>, token: &str) -> Client {
    let config =
        StreamableHttpClientTransportConfig::with_uri(fixture.url("/mcp")).auth_header(token);
    rmcp::serve_client((), StreamableHttpClientTransport::from_config(config)).await.unwrap()
}

pub(crate) fn request(tool: &str, arguments: Value) -> CallToolRequestParams {
    let arguments: JsonObject = serde_json::from_value(arguments).unwrap();
    CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)
}

#[tokio::test]
async fn it_lists_and_calls_on_sqlite() {
    it_lists_and_calls(Fixture::new(&["--demo"]).await).await;
}

#[tokio::test]
async fn it_lists_and_calls_on_postgres() {
    it_lists_and_calls(Fixture::on_postgres("gateway_mcp", &["--demo"]).await).await;
}

async fn it_lists_and_calls<DB: Database>(fixture: Fixture<DB>) {
    let token = fixture.gateway.demo_token.clone().unwrap();
    let client = client(&fixture, &token).await;
    let tools = client.list_all_tools().await.unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(names, ["demo__add", "demo__echo", "demo__fail", "demo__wait"]);
    assert_eq!(tools[1].input_schema["properties"]["text"]["type"], "string");
    let sum = client.call_tool(request("demo__add", json!({ "a": 1, "b": 2 }))).await.unwrap();
    assert_eq!(serde_json::to_value(&sum.content).unwrap()[0]["text"], "3");
    let failed = client.call_tool(request("demo__fail", json!({}))).await.unwrap();
    assert_eq!(failed.is_error, Some(true));
    // The upstream refuses these arguments; the session goes on.
    let refused = client.call_tool(request("demo__add", json!({ "a": "x" }))).await.unwrap();
    assert_eq!(refused.is_error, Some(true));
    let recorded = fixture.get(&token, "/v1/calls").await.good();
    let recorded = recorded["calls"].as_array().unwrap().iter();
    let outcomes: Vec<_> = recorded.map(|call| (&call["tool"], &call["outcome"])).collect();
    let expected = [
        (&json!("demo__add"), &json!("tool_error")),
        (&json!("demo__fail"), &json!("tool_error")),
        (&json!("demo__add"), &json!("ok")),
    ];
    assert_eq!(outcomes, expected);
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn errors_are_answers_that_a_model_can_read() {
    let fixture = Fixture::new(&["--allow-private", "--upstream-timeout", "0.3"]).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &TOOLS).await;
    let token = fixture.team("team", &["tools__*"]).await;
    let client = client(&fixture, &token).await;
    for (tool, code) in [
        ("tools__hang", "upstream_timeout"),
        ("tools__break", "upstream_unreachable"),
        ("tools__nowhere", "no_such_tool"),
        ("other__answer", "no_such_tool"),
    ] {
        let answer = client.call_tool(request(tool, json!({}))).await.unwrap();
        assert_eq!(answer.is_error, Some(true), "{tool}");
        let structured = answer.structured_content.unwrap();
        assert_eq!(structured["code"], code, "{tool}");
        assert!(structured["message"].as_str().unwrap().ends_with('.'), "{structured}");
    }
    client.call_tool(request("tools__answer", json!({}))).await.unwrap();
}

#[tokio::test]
async fn a_busy_database_is_an_answer_with_a_retry_hint() {
    let flags = ["--pool", "1", "--acquire-timeout", "0.2", "--keep-days", "0", "--demo"];
    let fixture = Fixture::new(&flags).await;
    let token = fixture.gateway.demo_token.clone().unwrap();
    let client = client(&fixture, &token).await;
    let app = fixture.gateway.app.clone();
    let mut db = app.db.session();
    let caller = gateway::identify::identify(&mut db, &app, &token).await.unwrap();
    let permitted = caller.permit("demo__echo").unwrap();
    let (end, ended) = tokio::sync::oneshot::channel();
    let occupied = tokio::spawn(crate::health::occupy(app.db.clone(), ended));
    wait::until("the one connection in use", async || app.db.status().used == 1).await;
    // The pool is taken when the caller is looked up, and when the tool is.
    let unknown = client.call_tool(request("demo__echo", json!({ "text": "a" }))).await.unwrap();
    let known = gateway::call::call_tool(&mut db, &app, &permitted, JsonObject::new()).await;
    for answer in [unknown, gateway::mcp::failed(&known.unwrap_err())] {
        assert_eq!(answer.is_error, Some(true));
        let structured = answer.structured_content.unwrap();
        assert_eq!(structured["code"], "busy");
        assert!(structured["retry_after_ms"].is_u64(), "{structured}");
    }
    end.send(()).unwrap();
    occupied.await.unwrap().unwrap();
    // The same MCP session goes on.
    let answer = client.call_tool(request("demo__echo", json!({ "text": "a" }))).await.unwrap();
    assert_eq!(answer.is_error, Some(false));
}

#[tokio::test]
async fn a_call_whose_client_is_gone_ends() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &["wait", "answer"]).await;
    let token = fixture.team("team", &["tools__*"]).await;
    let gone = client(&fixture, &token).await;
    let peer = gone.peer().clone();
    let called =
        tokio::spawn(async move { peer.call_tool(request("tools__wait", json!({}))).await });
    wait::until("the call at the backend", async || backend.calls() == 1).await;
    called.abort();
    drop(gone);
    assert!(called.await.unwrap_err().is_cancelled());
    wait::until("the backend's caller is gone too", async || backend.abandoned() == 1).await;
    // Another calls, and both are recorded.
    let other = client(&fixture, &token).await;
    other.call_tool(request("tools__answer", json!({}))).await.unwrap();
    let outcomes = async || {
        let recorded = fixture.get(&token, "/v1/calls").await.good();
        let calls = recorded["calls"].as_array().unwrap().iter();
        calls.map(|call| (call["tool"].clone(), call["outcome"].clone())).collect::<Vec<_>>()
    };
    wait::until("both are recorded", async || outcomes().await.len() == 2).await;
    let expected = [("tools__answer", "ok"), ("tools__wait", "client_gone")];
    assert_eq!(outcomes().await, expected.map(|(tool, outcome)| (json!(tool), json!(outcome))));
}

#[tokio::test]
async fn a_stop_lets_a_call_under_way_end() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &["wait"]).await;
    let token = fixture.team("team", &["tools__*"]).await;
    let client = client(&fixture, &token).await;
    let peer = client.peer().clone();
    let called =
        tokio::spawn(async move { peer.call_tool(request("tools__wait", json!({}))).await });
    wait::until("the call at the backend", async || backend.calls() == 1).await;
    let stopping = fixture.gateway.app.stop.clone();
    let answered = async {
        stopping.cancelled().await;
        backend.release();
        called.await.unwrap().unwrap()
    };
    let (answer, ()) = tokio::join!(answered, stop(fixture.gateway));
    assert_eq!(answer.structured_content.unwrap()["answer"], "wait");
}

#[tokio::test]
async fn a_session_goes_on_at_another_gateway() {
    let first = Fixture::on_postgres("gateway_two", &["--allow-private"]).await;
    let url = first.gateway.app.settings.database_url().to_owned();
    let second: Fixture<shortlease::Postgres> =
        Fixture::at(&url, tempfile::TempDir::new().unwrap(), &["--allow-private"]).await;
    let backend = Backend::start().await;
    first.upstream("tools", &backend.url, &["answer"]).await;
    let token = first.team("team", &["*"]).await;
    let initialize = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "test", "version": "0" },
        },
    });
    let call = json!({
        "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": { "name": "tools__answer", "arguments": {} },
    });
    let at = async |fixture: &Fixture<shortlease::Postgres>, body: &Value| {
        let request = fixture.request(&token, Method::POST, "/mcp").json(body);
        let request = request.header("accept", "application/json, text/event-stream");
        Fixture::<shortlease::Postgres>::send(request).await.good()
    };
    assert!(at(&first, &initialize).await["result"]["serverInfo"].is_object());
    let answer = at(&second, &call).await;
    assert_eq!(answer["result"]["structuredContent"]["answer"], "answer");
}

#[tokio::test]
async fn mcp_needs_a_token() {
    let fixture = Fixture::new(&[]).await;
    let answer = fixture.post("", "/mcp", json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (401, "unauthenticated"));
}

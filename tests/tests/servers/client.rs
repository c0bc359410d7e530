//! An MCP server in this process and a client of it.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CallToolResult, ClientRequest, ServerResult,
};
use rmcp::service::{PeerRequestOptions, RequestHandle, RoleClient, RunningService};
use rmcp::{ServiceExt, serve_client};
use serde_json::json;
use shortlease::{Builder, Db, Postgres};
use shortlease_tests::mcp::{Backend, SCHEMA, Tools};
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;

pub(crate) struct Client {
    pub(crate) mcp: RunningService<RoleClient, ()>,
    pub(crate) db: Db<Postgres>,
    pub(crate) backend: Arc<Backend>,
}

/// Makes a database with the tables of the server.
pub(crate) async fn scratch() -> PostgresDatabase {
    let scratch = PostgresDatabase::new().await;
    let db = scratch.builder().connect().await.unwrap();
    db.session().execute(sqlx::raw_sql(SCHEMA)).await.unwrap();
    let _ = db.close(wait::LIMIT).await;
    // The server ends a session a moment after its socket.
    wait::until("its end", async || scratch.sessions().await.is_empty()).await;
    scratch
}

impl Client {
    /// Starts a server on that database, and a client of it.
    pub(crate) async fn of(settings: Builder<Postgres>) -> Client {
        let db = settings.connect_lazy().unwrap();
        let backend = Arc::<Backend>::default();
        let tools = Tools::new(db.clone(), Arc::clone(&backend));
        let (client, server) = tokio::io::duplex(4096);
        tokio::spawn(async move {
            let running = tools.serve(server).await.expect("a handshake");
            running.waiting().await.expect("an end")
        });
        let mcp = serve_client((), client).await.expect("a handshake");
        Client { mcp, db, backend }
    }

    pub(crate) async fn call(&self, tool: &'static str) -> CallToolResult {
        let result = self.begin(tool).await.await_response().await.expect("no protocol error");
        let ServerResult::CallToolResult(result) = result else { panic!("{result:?}") };
        result
    }

    /// Sends a call and does not wait for its result.
    pub(crate) async fn begin(&self, tool: &'static str) -> RequestHandle<RoleClient> {
        let arguments = json!({ "text": tool }).as_object().cloned().unwrap();
        let params = CallToolRequestParams::new(tool).with_arguments(arguments);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let options = PeerRequestOptions::no_options();
        self.mcp.send_cancellable_request(request, options).await.expect("a connection")
    }

    pub(crate) async fn count(&self) -> String {
        text(&self.call("count").await)
    }
}

/// Returns the text of a result that is no error.
pub(crate) fn text(result: &CallToolResult) -> String {
    assert_ne!(result.is_error, Some(true), "{result:?}");
    result.content[0].as_text().expect("text").text.clone()
}

/// Returns the code and the text of a result that is an error.
pub(crate) fn failure(result: &CallToolResult) -> (String, String) {
    assert_eq!(result.is_error, Some(true), "{result:?}");
    let content = result.structured_content.as_ref().expect("structured content");
    let said = result.content[0].as_text().expect("text").text.clone();
    assert_eq!(content["message"], *said);
    (content["code"].as_str().expect("a code").to_owned(), said)
}

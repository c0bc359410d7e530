//! rmcp's `#[tool]` below `#[handler]` and above it, called by a real client.

use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock};
use rmcp::{ErrorData, ServerHandler, ServiceExt, schemars, tool, tool_handler, tool_router};
use shortlease::{Conn, Db, Sqlite, handler, leased};

#[derive(Debug)]
struct ToolError(String);

impl From<shortlease::Error> for ToolError {
    fn from(error: shortlease::Error) -> Self {
        ToolError(error.to_string())
    }
}

impl From<sqlx::Error> for ToolError {
    fn from(error: sqlx::Error) -> Self {
        ToolError(error.to_string())
    }
}

impl IntoCallToolResult for ToolError {
    fn into_call_tool_result(self) -> Result<rmcp::model::CallToolResponse, ErrorData> {
        CallToolResult::error(vec![ContentBlock::text(self.0)]).into_call_tool_result()
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Lookup {
    id: i64,
}

#[derive(Clone)]
struct Server {
    db: Db<Sqlite>,
}

#[tool_router]
impl Server {
    /// Looks a name up.
    #[handler]
    #[tool]
    async fn above(&self, Parameters(Lookup { id }): Parameters<Lookup>) -> Result<String, ToolError> {
        let name = self.db.session().lease(async |conn| load_name(conn, id).await).await?;
        tokio::task::yield_now().await;
        Ok(name)
    }

    #[tool(description = "looks a name up")]
    #[handler]
    async fn below(&self, Parameters(Lookup { id }): Parameters<Lookup>) -> Result<String, ToolError> {
        let mut db = self.db.session();
        let name = db.transaction(async |tx| load_name(tx, id).await).await?;
        tokio::task::yield_now().await;
        Ok(name)
    }
}

#[tool_handler]
impl ServerHandler for Server {}

#[leased]
async fn load_name(conn: &mut Conn<Sqlite>, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM tools WHERE id = $1").bind(id).fetch_one(conn).await
}

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let schema = "CREATE TABLE tools (id INTEGER, name TEXT); INSERT INTO tools VALUES (1, 'hammer')";
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();

    let (client, server) = tokio::io::duplex(4096);
    let server = tokio::spawn(async move { Server { db }.serve(server).await.unwrap().waiting().await });
    let client = ().serve(client).await.unwrap();

    let tools = client.list_all_tools().await.unwrap();
    assert_eq!(tools.len(), 2);
    assert!(tools.iter().all(|tool| {
        tool.description.as_deref().unwrap().to_lowercase().starts_with("looks a name up")
            && tool.input_schema.contains_key("properties")
    }));
    for tool in ["above", "below"] {
        let call = |id: i64| {
            let arguments = serde_json::json!({ "id": id }).as_object().cloned().unwrap();
            client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments))
        };
        let found = call(1).await.unwrap();
        assert_eq!(found.content[0].as_text().unwrap().text, "hammer");
        let missing = call(2).await.unwrap();
        assert_eq!(missing.is_error, Some(true));
    }
    client.cancel().await.unwrap();
    server.await.unwrap().unwrap();
}

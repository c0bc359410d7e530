// An MCP tool handler holds its connection while the backend of the tool answers.
use rmcp::{
    ErrorData, handler::server::wrapper::Parameters, model::CallToolResult, tool, tool_router,
};
use sqlx::PgPool;

#[derive(Clone)]
pub struct Gateway {
    pool: PgPool,
    backend: BackendClient,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct RunTool {
    pub name: String,
    pub arguments: serde_json::Value,
}

#[tool_router]
impl Gateway {
    #[tool(description = "Runs a registered tool")]
    pub async fn run_tool(
        &self,
        Parameters(request): Parameters<RunTool>,
    ) -> Result<CallToolResult, ErrorData> {
        let mut conn = self.pool.acquire().await.map_err(internal)?;
        let url: String = sqlx::query_scalar("SELECT url FROM tools WHERE name = $1")
            .bind(&request.name)
            .fetch_one(&mut *conn)
            .await
            .map_err(internal)?;
        let output = self.backend.call(&url, request.arguments).await.map_err(internal)?; //~ SA001
        sqlx::query("INSERT INTO calls (tool, output) VALUES ($1, $2)")
            .bind(&request.name)
            .bind(&output)
            .execute(&mut *conn)
            .await
            .map_err(internal)?;
        Ok(CallToolResult::structured(output))
    }
}

fn internal<E: std::fmt::Display>(error: E) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

#[derive(Clone)]
pub struct BackendClient(reqwest::Client);

impl BackendClient {
    async fn call(&self, url: &str, body: serde_json::Value) -> reqwest::Result<serde_json::Value> {
        self.0.post(url).json(&body).send().await?.json().await
    }
}

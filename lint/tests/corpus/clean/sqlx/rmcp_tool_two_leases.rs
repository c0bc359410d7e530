// An MCP tool asks the pool before and after the backend, with nothing held between.
use rmcp::{
    ErrorData, handler::server::wrapper::Parameters, model::CallToolResult, tool, tool_router,
};
use sqlx::PgPool;

#[derive(Clone)]
pub struct Gateway {
    pool: PgPool,
    backend: reqwest::Client,
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
        Parameters(run): Parameters<RunTool>,
    ) -> Result<CallToolResult, ErrorData> {
        let url = self.url_of(&run.name).await.map_err(internal)?;
        let response =
            self.backend.post(url).json(&run.arguments).send().await.map_err(internal)?;
        let output: serde_json::Value = response.json().await.map_err(internal)?;
        self.record(&run.name, &output).await.map_err(internal)?;
        Ok(CallToolResult::structured(output))
    }
}

impl Gateway {
    async fn url_of(&self, name: &str) -> sqlx::Result<String> {
        let mut conn = self.pool.acquire().await?;
        sqlx::query_scalar("SELECT url FROM tools WHERE name = $1")
            .bind(name)
            .fetch_one(&mut *conn)
            .await
    }

    async fn record(&self, name: &str, output: &serde_json::Value) -> sqlx::Result<()> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("INSERT INTO calls (tool, output) VALUES ($1, $2)")
            .bind(name)
            .bind(output)
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE tools SET used = used + 1 WHERE name = $1")
            .bind(name)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }
}

fn internal<E: std::fmt::Display>(error: E) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

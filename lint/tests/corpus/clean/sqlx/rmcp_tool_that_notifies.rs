// A tool reads by the pool, and tells its client about the progress between the reads.
use rmcp::model::{CallToolResult, Content, ProgressNotificationParam};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, tool, tool_router};
use sqlx::PgPool;

pub struct Reports {
    pool: PgPool,
}

#[tool_router]
impl Reports {
    #[tool(description = "Counts rows")]
    async fn count(&self, context: RequestContext<RoleServer>) -> Result<CallToolResult, ErrorData> {
        let mut total = 0;
        for table in ["a", "b"] {
            let rows: i64 = sqlx::query_scalar("SELECT reltuples::bigint FROM pg_class WHERE relname = $1")
                .bind(table)
                .fetch_one(&self.pool)
                .await
                .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
            total += rows;
            let progress = ProgressNotificationParam::default();
            context.peer.notify_progress(progress).await.ok();
        }
        Ok(CallToolResult::success(vec![Content::text(total.to_string())]))
    }
}

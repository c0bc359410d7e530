// A tool asks its client for a text by sampling, in the middle of a transaction.
use rmcp::model::{CallToolResult, Content, CreateMessageRequestParam};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, tool, tool_router};
use sqlx::PgPool;

pub struct Notes {
    pool: PgPool,
}

#[tool_router]
impl Notes {
    #[tool(description = "Summarises a note")]
    async fn summarise(
        &self,
        id: i64,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let mut tx = self.pool.begin().await.map_err(failed)?;
        let text: String = sqlx::query_scalar("SELECT text FROM notes WHERE id = $1 FOR UPDATE")
            .bind(id)
            .fetch_one(&mut *tx)
            .await
            .map_err(failed)?;
        let request = CreateMessageRequestParam::user(text);
        let answer = context.peer.create_message(request).await.map_err(refused)?; //~ SA001
        sqlx::query("UPDATE notes SET summary = $1 WHERE id = $2")
            .bind(answer.text())
            .bind(id)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        Ok(CallToolResult::success(vec![Content::text("done")]))
    }
}

fn failed(error: sqlx::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

fn refused(error: rmcp::ServiceError) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

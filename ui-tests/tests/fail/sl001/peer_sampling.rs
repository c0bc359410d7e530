#![allow(deprecated)]

use rmcp::model::CreateMessageRequestParams;
use rmcp::{Peer, RoleServer};
use shortlease::rmcp::ToolError;
use shortlease::{Session, Sqlite, handler};

#[handler]
async fn summarize(
    db: &mut Session<Sqlite>,
    client: Peer<RoleServer>,
    prompt: CreateMessageRequestParams,
) -> Result<(), ToolError> {
    db.lease(async |conn| {
        let summary = client.create_message(prompt).await;
        let insert = sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)");
        insert.bind(format!("{summary:?}")).execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}

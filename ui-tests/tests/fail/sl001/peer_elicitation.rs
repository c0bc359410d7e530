use rmcp::model::{ElicitRequest, ServerRequest};
use rmcp::{Peer, RoleServer};
use shortlease::rmcp::ToolError;
use shortlease::{Session, Sqlite, handler};

#[handler]
async fn remove(
    db: &mut Session<Sqlite>,
    client: Peer<RoleServer>,
    question: ElicitRequest,
) -> Result<(), ToolError> {
    db.transaction(async |tx| {
        sqlx::query("DELETE FROM calls").execute(tx).await?;
        let answer = client.send_request(ServerRequest::ElicitRequest(question)).await;
        let insert = sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)");
        insert.bind(format!("{answer:?}")).execute(tx).await?;
        Ok(())
    })
    .await
}

fn main() {}

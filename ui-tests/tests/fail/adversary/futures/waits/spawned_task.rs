// A task spawned for it, and joined.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let task = tokio::spawn(remote());
        Ok(task.await.unwrap_or_default())
    })
    .await
}

fn main() {}

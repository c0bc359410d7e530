// The await deep in `json!`.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<serde_json::Value, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(serde_json::json!({ "out": [{ "is": remote().await }] }))
    })
    .await
}

fn main() {}

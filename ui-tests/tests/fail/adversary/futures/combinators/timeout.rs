// A time limit around a remote call.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::time::Duration;
use tokio::time::timeout;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(timeout(Duration::from_secs(1), remote()).await.unwrap_or_default())
    })
    .await
}

fn main() {}

// In a loop that yields to the database in between.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::time::Duration;
use tokio::time::timeout;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let mut out = tokio::spawn(remote());
        loop {
            sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
            if let Ok(out) = timeout(Duration::ZERO, &mut out).await {
                return Ok(out.unwrap_or_default());
            }
        }
    })
    .await
}

fn main() {}

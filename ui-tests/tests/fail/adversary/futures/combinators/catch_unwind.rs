// A remote future that may panic.
use futures::FutureExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::panic::AssertUnwindSafe;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(AssertUnwindSafe(remote()).catch_unwind().await.unwrap_or_default())
    })
    .await
}

fn main() {}

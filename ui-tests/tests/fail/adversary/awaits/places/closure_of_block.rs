// An await in an `async` block that a closure returns.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let wait = || async { remote().await };
        wait().await;
        Ok(())
    })
    .await
}

fn main() {}

// A match on an async closure, whose braces could be taken for the body of the closure.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        match async |asked: u8| asked {
            _ => drop(remote().await),
        }
        Ok(())
    })
    .await
}

fn main() {}

// An await of each future in an array.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        for wait in [remote(), remote()] {
            wait.await;
        }
        Ok(())
    })
    .await
}

fn main() {}

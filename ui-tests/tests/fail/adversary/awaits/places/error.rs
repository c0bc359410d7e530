// An await in the error that a body returns.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        if false {
            return Err(Error::Database(sqlx::Error::Protocol(remote().await)));
        }
        Ok(())
    })
    .await
}

fn main() {}

// A macro that is returned.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        Err(Error::Database(sqlx::Error::Protocol(remote().await)))
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        if false {
            return wait!();
        }
        Ok(())
    })
    .await
}

fn main() {}

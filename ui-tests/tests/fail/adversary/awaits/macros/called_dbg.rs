// A macro that is called `dbg`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! dbg {
    ($($any:tt)*) => {
        remote().await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        drop(dbg!(1));
        Ok(())
    })
    .await
}

fn main() {}

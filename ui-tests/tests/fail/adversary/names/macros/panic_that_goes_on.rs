// A `panic!` of my own that goes on: rustc would take what comes behind it for dead code.
#![allow(unreachable_code)]
use shortlease::{Error, Session, Sqlite, handler};

macro_rules! panic {
    () => {
        drop(1)
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        panic!();
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}

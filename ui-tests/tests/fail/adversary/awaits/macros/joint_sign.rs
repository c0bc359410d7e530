// A macro call whose `!` another attribute has written as if a sign came after it.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! wait {
    () => {
        remote().await
    };
}

// Above ours, so that ours gets what it writes.
#[shortlease_hostile_macros::joint]
#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        wait!();
        Ok(())
    })
    .await
}

fn main() {}

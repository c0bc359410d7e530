// A macro that is assigned to.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! slot {
    () => {
        *Box::new(remote().await.len())
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        slot!() = 1;
        Ok(())
    })
    .await
}

fn main() {}

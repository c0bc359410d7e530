// A macro that is called `query`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! query {
    ($($any:tt)*) => {
        remote().await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        drop(query!("SELECT 1"));
        Ok(())
    })
    .await
}

fn main() {}

// An `info!` of my own that awaits, in braces.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! info {
    ($text:literal) => {
        let _answer = remote().await;
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        info! { "deleted" }
        Ok(())
    })
    .await
}

fn main() {}

// An await in the argument behind one that is an async closure without braces.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let pair = (async |asked: u8| match asked { _ => 1_u8 }, remote().await);
        drop(pair);
        Ok(())
    })
    .await
}

fn main() {}

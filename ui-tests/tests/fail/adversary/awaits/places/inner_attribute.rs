// An await behind an inner attribute, in a block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        {
            #![allow(unused_must_use)]
            remote().await;
        }
        Ok(())
    })
    .await
}

fn main() {}

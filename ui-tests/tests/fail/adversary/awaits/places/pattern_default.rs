// An await in an array behind its length.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = ([0_u8; 2], [remote().await]);
        Ok(())
    })
    .await
}

fn main() {}

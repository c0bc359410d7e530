// A variable by a name that only begins an item before another name.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let union = 1;
        let _ = union as i64 + remote().await.len() as i64;
        Ok(())
    })
    .await
}

fn main() {}

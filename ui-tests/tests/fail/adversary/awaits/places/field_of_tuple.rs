// An await of a field whose number is half of a float.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        ((remote(), 1), 2).0.0.await;
        Ok(())
    })
    .await
}

fn main() {}

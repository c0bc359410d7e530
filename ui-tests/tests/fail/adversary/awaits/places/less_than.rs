// An await between comparisons that look like generics.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = (1 < remote().await.len(), 2 > 1);
        Ok(())
    })
    .await
}

fn main() {}

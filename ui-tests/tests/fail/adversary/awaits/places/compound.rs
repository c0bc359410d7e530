// An await behind a compound assignment.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let mut count = 0;
        count += remote().await.len();
        let _ = count;
        Ok(())
    })
    .await
}

fn main() {}

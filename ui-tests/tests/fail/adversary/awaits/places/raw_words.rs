// An await beside names that are keywords.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let r#match = remote();
        let r#async = r#match.await;
        drop(r#async);
        Ok(())
    })
    .await
}

fn main() {}

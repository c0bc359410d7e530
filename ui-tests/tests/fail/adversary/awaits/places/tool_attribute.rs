// An await on a statement with a tool's attribute.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[rustfmt::skip]
        let _ = remote().await;
        Ok(())
    })
    .await
}

fn main() {}

// A remote call that tokio does not make yield.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        tokio::task::unconstrained(remote()).await;
        Ok(())
    })
    .await
}

fn main() {}

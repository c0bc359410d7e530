// A remote call whose answer comes by a handle.
use futures::FutureExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let (call, answer) = remote().remote_handle();
        tokio::spawn(call);
        answer.await;
        Ok(())
    })
    .await
}

fn main() {}

// A channel with the remote call at its other end.
use futures::FutureExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::sync::oneshot;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let (send, receive) = oneshot::channel();
        tokio::spawn(remote().map(|out| send.send(out)));
        Ok(receive.await.unwrap_or_default())
    })
    .await
}

fn main() {}

// A remote future polled once, by a lazy one.
use futures::future;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut out = Box::pin(remote());
        let _ = future::lazy(|cx| out.as_mut().poll(cx)).await;
        Ok(())
    })
    .await
}

fn main() {}

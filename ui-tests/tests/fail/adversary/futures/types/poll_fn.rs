// A remote future polled by hand.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::future::poll_fn;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut out = Box::pin(remote());
        Ok(poll_fn(|cx| out.as_mut().poll(cx)).await)
    })
    .await
}

fn main() {}

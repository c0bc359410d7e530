// The remote future polled by `futures::poll!`, in a loop.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::task::Poll;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut out = Box::pin(remote());
        loop {
            if let Poll::Ready(out) = futures::poll!(&mut out) {
                return Ok(out);
            }
        }
    })
    .await
}

fn main() {}

// An async block deep in a `spawn` of my own, which gives it back to be awaited.
use std::pin::Pin;

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

fn spawn<F: Future>(future: Pin<Box<F>>) -> Pin<Box<F>> {
    future
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let task = spawn(Box::pin({
            let url = "http://one";
            async move { remote().await + url }
        }));
        task.await;
        Ok(())
    })
    .await
}

fn main() {}

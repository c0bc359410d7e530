// The lease in a constant within the handler.
use futures::future::BoxFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    const ASK: fn(&mut Session<Sqlite>) -> BoxFuture<'_, Result<String, Error>> =
        |db| Box::pin(async { db.lease(async |_conn| Ok(remote().await)).await });
    ASK(db).await
}

fn main() {}

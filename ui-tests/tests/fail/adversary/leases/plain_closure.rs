// A plain closure that returns an async block as the body.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(|_conn| async { Ok(remote().await) }).await
}

fn main() {}

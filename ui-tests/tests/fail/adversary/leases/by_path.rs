// The lease called as a function.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    Session::lease(db, async |_conn| Ok(remote().await)).await
}

fn main() {}

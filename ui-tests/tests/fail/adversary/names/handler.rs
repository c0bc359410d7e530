// The attribute under another name, around a remote call.
use shortlease::{Error, Session, Sqlite, handler as tool};
use shortlease_ui_tests::remote;

#[tool]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |_conn| Ok(remote().await)).await
}

fn main() {}

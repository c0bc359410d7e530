// The types of the lease written out.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease::<_, String, Error, Error>(async |_conn| Ok(remote().await)).await
}

fn main() {}

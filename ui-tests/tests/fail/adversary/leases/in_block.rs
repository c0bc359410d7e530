// A lease out of a block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let opened = { db.lease(async |_conn| Ok(())) };
    remote().await;
    opened.await
}

fn main() {}

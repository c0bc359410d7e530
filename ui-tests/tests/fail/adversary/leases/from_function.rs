// A function that returns the lease instead of awaiting it.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
fn open(db: &mut Session<Sqlite>) -> impl Future<Output = Result<(), Error>> {
    db.lease(async |_conn| Ok(()))
}

async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let opened = open(db);
    remote().await;
    opened.await
}

fn main() {
    let _ = call_tool;
}

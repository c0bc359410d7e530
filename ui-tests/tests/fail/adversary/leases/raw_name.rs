// The name of the method written raw.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.r#lease(async |_conn| Ok(remote().await)).await
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let (count, _) = tokio::join!(db.lease(async |_conn| Ok(1)), remote());
    count.map(drop)
}

fn main() {}

// A sealed client, in a lease.
use shortlease::{Error, Remote, Session, Sqlite, handler};
use shortlease_ui_tests::Mcp;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, mcp: &Remote<Mcp>) -> Result<(), Error> {
    db.lease(async |_conn| {
        let _mcp = mcp.get(db);
        Ok(())
    })
    .await
}

fn main() {}

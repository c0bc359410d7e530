// The name of the connection, given to something remote.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::Mcp;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let conn = (drop(conn), Mcp).1;
        Ok(conn.call("http://one").await)
    })
    .await
}

fn main() {}

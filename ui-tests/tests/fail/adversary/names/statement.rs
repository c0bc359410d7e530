// A trait called `Statement` with the verbs of the real one.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::{Mcp, remote};

trait Statement: Sized {
    async fn fetch_one(self, _: &mut Conn<Sqlite>) -> Result<String, Error> {
        Ok(remote().await)
    }
}
impl Statement for Mcp {}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| Ok(Mcp.fetch_one(conn).await?)).await
}

fn main() {}

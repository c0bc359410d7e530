// A type of mine with a verb of its own.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Tools;
impl Tools {
    async fn fetch_one(&self, _: &mut Conn<Sqlite>) -> Result<String, Error> {
        Ok(remote().await)
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| Ok(Tools.fetch_one(conn).await?)).await
}

fn main() {}

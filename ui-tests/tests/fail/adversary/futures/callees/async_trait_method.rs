// An async method of a trait.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

trait Load {
    async fn load(&mut self) -> String;
}
impl Load for Conn<Sqlite> {
    async fn load(&mut self) -> String {
        remote().await
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| Ok(conn.load().await)).await
}

fn main() {}

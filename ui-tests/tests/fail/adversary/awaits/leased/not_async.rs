// The attribute on a function that is not async and returns an async block.
use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
use shortlease_ui_tests::remote;

#[leased]
fn ask(_conn: &mut Conn<Sqlite>) -> impl Future<Output = String> {
    async { remote().await }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| Ok(ask(conn).await)).await
}

fn main() {}

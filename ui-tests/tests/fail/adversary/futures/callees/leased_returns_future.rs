// A leased function that returns a remote future to be awaited by its caller.
use shortlease::{Conn, Error, Session, Sqlite, handler, leased};
use shortlease_ui_tests::remote;

#[leased]
async fn ask(_conn: &mut Conn<Sqlite>) -> impl Future<Output = String> {
    remote()
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| Ok(ask(conn).await.await)).await
}

fn main() {}

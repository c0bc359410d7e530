// A function as the body.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

async fn body(_conn: &mut Conn<Sqlite>) -> Result<String, Error> {
    Ok(remote().await)
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(body).await
}

fn main() {}

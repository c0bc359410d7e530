use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let body = async |_: &mut Conn<Sqlite>| Ok(remote().await);
    db.lease(body).await
}

fn main() {}

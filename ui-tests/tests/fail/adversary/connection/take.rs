// The connection replaced by a default one.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Conn<Sqlite>, Error> {
    db.lease(async |conn| Ok(std::mem::take(conn))).await
}

fn main() {}

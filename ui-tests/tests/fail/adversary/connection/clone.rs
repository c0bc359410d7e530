// The connection cloned.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Conn<Sqlite>, Error> {
    db.lease(async |conn| Ok(Conn::clone(conn))).await
}

fn main() {}

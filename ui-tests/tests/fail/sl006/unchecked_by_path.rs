use shortlease::{Conn, Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| Conn::unchecked(conn, "", async |_| Ok::<_, Error>(())).await).await
}

fn main() {}

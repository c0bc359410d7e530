use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| name(conn).await.and_then(|name| Ok(name.len()))).await
}

#[leased]
async fn name(conn: &mut Conn<Sqlite>) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM tools").fetch_one(conn).await
}

fn main() {}

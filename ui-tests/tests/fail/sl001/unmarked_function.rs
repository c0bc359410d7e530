use shortlease::{Conn, Error, Session, Sqlite, handler};

async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| count(conn).await).await
}

fn main() {}

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

type Lent = Conn<Sqlite>;

#[leased]
async fn count(conn: &mut Lent) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_scalar("SELECT count(*) FROM tools");
    count.fetch_one(conn).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| count(conn).await).await
}

fn main() {}

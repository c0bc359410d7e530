use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn count(conn: &mut Conn<Sqlite>) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await;
    count.unwrap_or_default()
}

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| count(conn).await).await
}

fn main() {}

use shortlease::{Conn, Error, Session, Sqlite, handler, leased};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| load(conn)).await
}

#[leased]
async fn load(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await
}

fn main() {}

use shortlease::{EitherConn, Error, Session, Sqlite, handler, leased};
use sqlx::SqliteConnection;

struct Archive {
    raw: SqliteConnection,
}

#[leased]
async fn count(conn: &mut impl EitherConn<Sqlite>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, archive: &mut Archive) -> Result<i64, Error> {
    db.lease(async |_| Ok(count(&mut archive.raw).await?)).await
}

fn main() {}

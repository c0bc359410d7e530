use shortlease::{EitherConn, Error, Session, Sqlite, handler, leased};

#[leased]
async fn count(conn: &mut impl EitherConn<Sqlite>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

#[handler]
async fn call_tool<C: EitherConn<Sqlite>>(db: &mut Session<Sqlite>, other: &mut C) -> Result<i64, Error> {
    db.lease(async |_| Ok(count(&mut *other).await?)).await
}

fn main() {}

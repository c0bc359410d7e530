// A type in the body that has the name of the connection's type, so that calls on another connection would do.
use shortlease::{EitherConn, Sqlite, leased};
use sqlx::SqliteConnection;

#[leased]
async fn count<C: EitherConn<Sqlite>>(conn: &mut C, archive: &mut SqliteConnection) -> sqlx::Result<i64> {
    type C = SqliteConnection;
    archived(archive).await
}

#[leased]
async fn archived(conn: &mut impl EitherConn<Sqlite>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM archive").fetch_one(conn).await
}

fn main() {}

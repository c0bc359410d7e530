// An import in a block that takes the name of the connection's type.
use shortlease::{EitherConn, Sqlite, leased};
use sqlx::SqliteConnection;

mod types {
    pub type C = sqlx::SqliteConnection;
}

#[leased]
async fn count<C: EitherConn<Sqlite>>(conn: &mut C, archive: &mut SqliteConnection) -> sqlx::Result<i64> {
    let tools: i64 = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?;
    let archived = {
        use types::C;
        archived(archive).await?
    };
    Ok(tools + archived)
}

#[leased]
async fn archived(conn: &mut impl EitherConn<Sqlite>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM archive").fetch_one(conn).await
}

fn main() {}

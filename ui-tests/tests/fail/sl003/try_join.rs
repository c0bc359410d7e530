use shortlease::{Conn, Session, Sqlite, handler, leased};

#[leased]
async fn count(conn: &mut Conn<Sqlite>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
}

#[handler]
async fn both(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| {
        let (one, other) = tokio::try_join!(count(conn), count(conn))?;
        Ok(one + other)
    })
    .await
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

fn main() {}

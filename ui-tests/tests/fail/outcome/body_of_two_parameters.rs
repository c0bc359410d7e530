use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn, limit| Ok(sqlx::query_scalar("SELECT $1").bind(limit).fetch_one(conn).await?)).await
}

fn main() {}

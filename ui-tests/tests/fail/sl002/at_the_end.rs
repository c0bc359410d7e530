use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await)
}

fn main() {}

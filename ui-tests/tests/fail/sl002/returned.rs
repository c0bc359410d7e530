use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> impl Future<Output = Result<i64, Error>> {
    db.lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await)
}

fn main() {}

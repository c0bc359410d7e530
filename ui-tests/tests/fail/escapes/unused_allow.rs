use shortlease::{Error, Session, Sqlite, handler};

#[handler(allow(SL005 = "the pool has one tenant"))]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await).await
}

fn main() {}

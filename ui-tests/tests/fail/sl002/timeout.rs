use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let count = db
        .lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await);
    tokio::time::timeout(Duration::from_secs(1), count).await.unwrap_or(Ok(0))
}

fn main() {}

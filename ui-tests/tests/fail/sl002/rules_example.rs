use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let count = db
        .lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    count.await
}

fn main() {}

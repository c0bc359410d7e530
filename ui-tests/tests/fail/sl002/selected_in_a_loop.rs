use std::pin::pin;
use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let count = async {
        db.lease(async |conn| {
            sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await
        })
        .await
    };
    let mut count = pin!(count);
    loop {
        tokio::select! {
            count = &mut count => return count,
            () = tokio::time::sleep(Duration::from_millis(1)) => report("still counting").await,
        }
    }
}

async fn report(_progress: &str) {}

fn main() {}

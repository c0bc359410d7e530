use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn next_job(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query_scalar("SELECT id FROM jobs WHERE run IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED")
            .fetch_one(conn)
            .await
    })
    .await
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| -> i64 { sqlx::query_scalar("SELECT 1").fetch_one(conn).await.unwrap_or(0) }).await
}

fn main() {}

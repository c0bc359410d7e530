use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease("tools", async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

fn main() {}

use shortlease::{Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, sqlx::Error> {
    let tools = db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await;
    tools
}

fn main() {}

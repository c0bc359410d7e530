use rmcp::ErrorData;
use shortlease::{Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, ErrorData> {
    db.transaction(async |tx| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await).await
}

fn main() {}

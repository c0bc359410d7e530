use axum::http::StatusCode;
use shortlease::{Session, Sqlite, handler};

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<String, (StatusCode, String)> {
    let count: i64 = db
        .lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await)
        .await?;
    Ok(count.to_string())
}

fn main() {}

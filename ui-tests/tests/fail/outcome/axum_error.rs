use shortlease::{Session, Sqlite, handler};

#[handler]
async fn count(mut db: Session<Sqlite>) -> axum::response::Result<String> {
    let count: i64 = db
        .lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await)
        .await?;
    Ok(count.to_string())
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let url: String = db.lease(async |conn| {
        sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn).await
    })?;
    Ok(url)
}

fn main() {}

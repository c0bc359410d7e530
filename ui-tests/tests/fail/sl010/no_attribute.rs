use shortlease::{Error, Session, Sqlite};

async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let count = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?;
        Ok(count)
    })
    .await
}

fn main() {
    let _ = call_tool;
}

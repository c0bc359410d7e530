use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *conn).await?;
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, why: Option<&str>) -> Result<i64, Error> {
    db.lease(async |conn| {
        assert!(why.is_none(), "refused: {}", why.ok_or(Error::Closed)?);
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

fn main() {}

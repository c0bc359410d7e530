use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::raw_sql("LISTEN jobs").execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}

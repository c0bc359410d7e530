use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("CREATE TEMP TABLE batch (id INTEGER)").execute(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}

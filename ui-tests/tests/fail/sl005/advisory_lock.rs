use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: i64) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("SELECT pg_advisory_lock($1)").bind(id).execute(tx).await?;
        Ok(())
    })
    .await
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    Box::pin(db.transaction(async |tx| {
        sqlx::query("DELETE FROM calls").execute(tx).await?;
        Ok(())
    }))
    .await
}

fn main() {}

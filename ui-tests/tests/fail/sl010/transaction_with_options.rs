use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(shortlease::TxOptions::new().retries(3), async |tx| {
        sqlx::query("DELETE FROM tools").execute(tx).await?;
        Ok(())
    })
    .await
}

fn main() {}

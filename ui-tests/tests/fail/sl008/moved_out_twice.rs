use shortlease::{Error, Session, Sqlite, TxOptions, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, note: String) -> Result<String, Error> {
    db.transaction_with(TxOptions::new().retries(3), async |tx| {
        sqlx::query("DELETE FROM tools").execute(tx).await?;
        Ok(note)
    })
    .await
}

fn main() {}

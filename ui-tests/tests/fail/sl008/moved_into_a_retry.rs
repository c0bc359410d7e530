use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let mut attempts = 0;
    db.transaction_with(shortlease::TxOptions::new().retries(3), async move |tx| {
        attempts += 1;
        sqlx::query("DELETE FROM tools").execute(tx).await?;
        Ok(attempts)
    })
    .await
}

fn main() {}

use shortlease::{Error, Session, Sqlite, TxOptions};

async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.transaction_with(TxOptions::new(), async |tx| {
        let count = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await?;
        Ok(count)
    })
    .await
}

fn main() {}

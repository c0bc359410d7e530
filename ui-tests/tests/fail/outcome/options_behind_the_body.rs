use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.transaction_with(
        async |tx| sqlx::query_scalar("SELECT 1").fetch_one(tx).await,
        shortlease::TxOptions::new().retries(3),
    )
    .await
}

fn main() {}

use shortlease::{Db, Error, Sqlite, TxOptions, handler};

#[handler]
async fn count(db: &Db<Sqlite>) -> Result<i64, Error> {
    db.transaction_with(TxOptions::new().retries(2), async |tx| {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await
    })
    .await
}

fn main() {}

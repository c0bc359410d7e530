use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    let count = db.transaction_with(shortlease::TxOptions::new(), async |tx| {
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await
    });
    remote().await;
    count.await
}

fn main() {}

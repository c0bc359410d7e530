use shortlease::{Error, Session, Sqlite, TxOptions, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction_with(TxOptions::new().retries(3), async |tx| {
        sqlx::query("DELETE FROM tools").execute(tx).await?;
        remote().await;
        Ok(())
    })
    .await
}

fn main() {}

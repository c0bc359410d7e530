use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        tx.savepoint(async |tx| {
            sqlx::query("DELETE FROM calls").execute(tx).await?;
            remote().await;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}

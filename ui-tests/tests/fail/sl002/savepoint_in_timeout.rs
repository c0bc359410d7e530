use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};
use tokio::time::timeout;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.transaction(async |tx| {
        let tried = timeout(Duration::from_secs(1), tx.savepoint(async |sp| {
            sqlx::query("DELETE FROM tools").execute(sp).await?;
            Ok(())
        }));
        Ok(tried.await.is_ok())
    })
    .await
}

fn main() {}

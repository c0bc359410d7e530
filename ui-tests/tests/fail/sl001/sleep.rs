use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("UPDATE tools SET uses = uses + 1").execute(tx).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(())
    })
    .await
}

fn main() {}

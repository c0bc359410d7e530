// Rows mapped to remote futures, awaited in a loop.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        let mut asks = rows.map(|_| remote());
        while let Some(ask) = asks.next().await {
            ask.await;
        }
        Ok(())
    })
    .await
}

fn main() {}

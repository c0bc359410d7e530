// Rows with a remote call each, one by one.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        let mut outs = pin!(rows.then(|_| remote()));
        Ok(outs.next().await.unwrap_or_default())
    })
    .await
}

fn main() {}

// Rows, each followed by a remote call.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Vec<String>, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        Ok(rows.then(|_| remote()).collect().await)
    })
    .await
}

fn main() {}

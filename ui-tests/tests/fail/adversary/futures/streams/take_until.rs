// Rows until something remote has happened.
use futures::StreamExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        Ok(rows.take_until(Box::pin(remote())).count().await)
    })
    .await
}

fn main() {}

// Rows filtered by a remote call.
use futures::{FutureExt, StreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        Ok(rows.filter(|_| remote().map(|out| out.is_empty())).count().await)
    })
    .await
}

fn main() {}

// Rows, then a remote stream.
use futures::stream::{self, StreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Vec<()>, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT url FROM tools").fetch(conn);
        let all = rows.map(drop).chain(stream::once(remote()).map(drop));
        Ok(all.collect().await)
    })
    .await
}

fn main() {}

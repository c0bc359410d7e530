// Rows, each turned into a stream of remote answers.
use futures::{StreamExt, stream};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT 1").fetch(conn);
        let answers = rows.flat_map(|_| stream::once(Box::pin(remote())));
        Ok(answers.collect::<Vec<_>>().await.len())
    })
    .await
}

fn main() {}

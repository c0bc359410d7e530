// A set of remote futures, as a stream.
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut all: FuturesUnordered<_> = [remote(), remote()].into_iter().collect();
        Ok(all.next().await.unwrap())
    })
    .await
}

fn main() {}

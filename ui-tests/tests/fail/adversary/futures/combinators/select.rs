// Whichever is first, by a function.
use futures::future;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let (out, url) =
            (pin!(remote()), pin!(sqlx::query_scalar("SELECT url FROM tools").fetch_one(conn)));
        match future::select(out, url).await {
            future::Either::Left((out, _)) => Ok(out),
            future::Either::Right((url, _)) => Ok(url?),
        }
    })
    .await
}

fn main() {}

// Rows kept where a remote call says so, read one by one.
use futures::{FutureExt, TryStreamExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<Option<String>, Error> {
    db.lease(async |conn| {
        let urls = sqlx::query_scalar("SELECT url FROM tools").fetch(conn);
        let mut known = pin!(urls.try_filter(|url: &String| remote().map({
            let url = url.clone();
            move |out| out == url
        })));
        Ok(known.try_next().await?)
    })
    .await
}

fn main() {}

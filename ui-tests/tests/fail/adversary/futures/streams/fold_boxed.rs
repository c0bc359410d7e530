// Rows folded by a future behind `dyn`, which may be anything.
use futures::TryStreamExt;
use futures::future::{BoxFuture, FutureExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let add = |all: String, url: String| -> BoxFuture<'static, Result<String, sqlx::Error>> {
        remote().map(move |out| Ok(all + &url + &out)).boxed()
    };
    db.lease(async |conn| {
        let urls = sqlx::query_scalar("SELECT url FROM tools").fetch(conn);
        Ok(urls.try_fold(String::new(), add).await?)
    })
    .await
}

fn main() {}

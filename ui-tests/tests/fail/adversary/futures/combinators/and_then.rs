// A database call and then, if it went well, a remote one.
use futures::{FutureExt, TryFutureExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        Ok(sqlx::query_scalar("SELECT url FROM tools")
            .fetch_one(conn)
            .and_then(|_: String| remote().map(Ok))
            .await?)
    })
    .await
}

fn main() {}

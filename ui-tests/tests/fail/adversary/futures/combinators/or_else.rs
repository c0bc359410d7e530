// A database call or else a remote one.
use futures::{FutureExt, TryFutureExt};
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        Ok(sqlx::query_scalar("SELECT url FROM tools")
            .fetch_one(conn)
            .or_else(|_| remote().map(Ok::<_, sqlx::Error>))
            .await?)
    })
    .await
}

fn main() {}

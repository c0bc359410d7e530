// A database call mapped to a remote future, flattened.
use futures::FutureExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let ask = sqlx::query_scalar("SELECT url FROM tools")
            .fetch_one(conn)
            .map(|_: sqlx::Result<String>| remote());
        Ok(ask.flatten().await)
    })
    .await
}

fn main() {}

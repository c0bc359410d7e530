// A database call, then a remote one.
use futures::FutureExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        Ok(sqlx::query_scalar("SELECT url FROM tools")
            .fetch_one(conn)
            .then(|_: sqlx::Result<String>| remote())
            .await)
    })
    .await
}

fn main() {}

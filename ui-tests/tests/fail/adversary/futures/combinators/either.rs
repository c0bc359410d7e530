// A database call or a remote one.
use futures::FutureExt;
use futures::future::Either;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let out = match 1 {
            1 => Either::Left(
                sqlx::query_scalar("SELECT url FROM tools")
                    .fetch_one(conn)
                    .map(|url: sqlx::Result<String>| url.unwrap()),
            ),
            _ => Either::Right(remote()),
        };
        Ok(out.await)
    })
    .await
}

fn main() {}

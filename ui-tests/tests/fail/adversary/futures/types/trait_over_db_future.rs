// A trait of my own over `DbFuture`, for all futures.
use shortlease::{DbFuture, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::Pin;

trait Database: DbFuture<Output = String> {}
impl<F: Future<Output = String>> Database for F {}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let call: Pin<Box<dyn Database>> = Box::pin(remote());
        Ok(call.await)
    })
    .await
}

fn main() {}

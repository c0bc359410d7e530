// A macro that gives a boxed block where a database future is asked for.
use shortlease::{DbFuture, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::Pin;

macro_rules! call {
    () => {
        Box::pin(async { remote().await })
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let call: Pin<Box<dyn DbFuture<Output = String>>> = call!();
        Ok(call.await)
    })
    .await
}

fn main() {}

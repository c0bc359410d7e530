// A remote future as `dyn DbFuture`.
use shortlease::DbFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::pin::Pin;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let out: Pin<Box<dyn DbFuture<Output = String>>> = Box::pin(remote());
        Ok(out.await)
    })
    .await
}

fn main() {}

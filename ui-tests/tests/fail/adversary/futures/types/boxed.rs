// A boxed future, its type forgotten.
use futures::future::BoxFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let out: BoxFuture<String> = Box::pin(remote());
        Ok(out.await)
    })
    .await
}

fn main() {}

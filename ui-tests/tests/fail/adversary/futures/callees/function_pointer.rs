// A function pointer to something remote.
use futures::future::BoxFuture;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let ask: fn() -> BoxFuture<'static, String> = || Box::pin(remote());
        Ok(ask().await)
    })
    .await
}

fn main() {}

// An async closure out of a const block, which nothing rewrites.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let call = const { async || remote().await };
        Ok(call().await)
    })
    .await
}

fn main() {}

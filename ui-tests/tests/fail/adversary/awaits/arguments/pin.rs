// The await in `pin!`.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        tokio::pin! {
            let out = std::future::ready(remote().await);
        }
        Ok(out.await)
    })
    .await
}

fn main() {}

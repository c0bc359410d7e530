// Async blocks in the arguments of a known macro.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let mut all = vec![async { remote().await }];
        Ok(all.remove(0).await)
    })
    .await
}

fn main() {}

// The argument of a text has a name that begins an item elsewhere.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(format!("{type}", type = remote().await))
    })
    .await
}

fn main() {}

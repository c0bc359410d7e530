// As `named_by_keyword`, by a macro.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(format!("{mod}", mod = wait_for!(remote())))
    })
    .await
}

fn main() {}

// A macro in the arm of a match.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(match 1 {
            1 => wait_for!(remote()),
            _ => String::new(),
        })
    })
    .await
}

fn main() {}

// A condition with blocks of its own, in a statement that is left out.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        match if a { 1 } else if b { 2 } else { 3 } {
            _ => {}
        }
        let length = wait_for!(remote()).len();
        Ok(length)
    })
    .await
}

fn main() {}

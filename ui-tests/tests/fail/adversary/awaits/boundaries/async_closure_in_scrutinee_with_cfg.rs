// What a `match` that is left out looks at is an async closure without a block.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        match async || 1 {
            _ => {}
        }
        let length = wait_for!(remote()).len();
        Ok(length)
    })
    .await
}

fn main() {}

// No space behind the `=` of an `if let` that is left out.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        if let Some(_)=&flag {}
        let length = wait_for!(remote()).len();
        Ok(length)
    })
    .await
}

fn main() {}

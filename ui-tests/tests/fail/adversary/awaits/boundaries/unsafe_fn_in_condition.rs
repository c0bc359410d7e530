// A condition that is left out, with a word of a type that begins a block elsewhere.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        if size_of::<unsafe fn()>() == 8 {}
        &mut wait_for!(remote()).len();
        Ok(())
    })
    .await
}

fn main() {}

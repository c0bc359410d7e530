// As `unsafe_fn_in_condition.rs`, with another word.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        if size_of::<for<'a> fn(&'a u8)>() == 8 {}
        *&mut wait_for!(remote()) = String::new();
        Ok(())
    })
    .await
}

fn main() {}

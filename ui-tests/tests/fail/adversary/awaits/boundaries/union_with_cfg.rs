// A union that is left out, before a macro that gives a place.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        #[cfg(any())]
        union Number {
            signed: i8,
            unsigned: u8,
        }
        let length = wait_for!(remote()).len();
        Ok(length)
    })
    .await
}

fn main() {}

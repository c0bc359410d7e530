// As `places/raw_const.rs`, by a macro.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let pair = (1, 2);
        Ok((&raw const { drop(wait_for!(remote())); &pair }.0).is_null())
    })
    .await
}

fn main() {}

// An attribute above puts the `!` of macro calls into groups.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::{remote, wait_for};

#[shortlease_hostile_macros::grouped_bang]
#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(wait_for!(remote()))
    })
    .await
}

fn main() {}

// An attribute above writes the dot before `0.` as if another sign came right after it.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[shortlease_hostile_macros::joint_dot]
#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let pair = (remote(), 1);
        Ok(pair.0. await)
    })
    .await
}

fn main() {}

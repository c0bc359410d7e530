// An attribute above puts the dots of awaits into groups.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[shortlease_hostile_macros::grouped_dot]
#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(remote().await)
    })
    .await
}

fn main() {}

// A `check` of my own, which lets everything through.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
fn check<F>(future: F) -> F {
    future
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(check(remote()).await)
    })
    .await
}

fn main() {}

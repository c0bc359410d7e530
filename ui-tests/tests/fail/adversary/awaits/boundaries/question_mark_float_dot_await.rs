// As `places/behind_float.rs`, behind a `?`.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
#[rustfmt::skip]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let deleted = sqlx::query("DELETE FROM calls").execute(conn).await.map(|_| (remote(), 1));
        Ok(deleted?.0. await)
    })
    .await
}

fn main() {}

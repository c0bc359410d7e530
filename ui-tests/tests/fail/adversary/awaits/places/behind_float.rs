// Behind the index of a tuple and its dot, which come as one number.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let pair = (remote(), 1);
        Ok(pair.0. await)
    })
    .await
}

fn main() {}

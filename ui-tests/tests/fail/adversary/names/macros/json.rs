// A `json!` of my own that awaits.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! json {
    ($future:expr) => {
        $future.await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(json!(remote()))
    })
    .await
}

fn main() {}

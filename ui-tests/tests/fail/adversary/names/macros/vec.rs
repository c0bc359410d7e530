// A `vec!` of my own that awaits.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
#[allow(unused_macros)]
macro_rules! vec {
    ($future:expr) => {
        $future.await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(vec![remote()])
    })
    .await
}

fn main() {}

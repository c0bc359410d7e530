// A `pin!` of my own that makes a future of an async block.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
macro_rules! pin {
    ($future:ident) => {
        let $future = async { remote().await };
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let out = remote();
        pin!(out);
        Ok(out.await)
    })
    .await
}

fn main() {}

// The connection moved out of its reference.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let owned = *conn;
        tokio::spawn(async move { drop((owned, remote().await)) });
        Ok(())
    })
    .await
}

fn main() {}

// The savepoint called as a function.
use shortlease::{Error, Session, Sqlite, Tx, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        Tx::savepoint(tx, async |_| {
            remote().await;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}

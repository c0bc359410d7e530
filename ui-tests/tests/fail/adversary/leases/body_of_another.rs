// A checked body that a wrapper runs on its lease, and that waits.
use shortlease::{Error, LeasedFn, Session, Sqlite, Tx, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn with_tx<T>(
    db: &mut Session<Sqlite>,
    body: impl LeasedFn<Tx<Sqlite>, Result<T, Error>>,
) -> Result<T, Error> {
    db.transaction(async |tx| body.call(tx).await).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    with_tx(db, #[leased] async |_tx: &mut Tx<Sqlite>| Ok(remote().await)).await
}

fn main() {}

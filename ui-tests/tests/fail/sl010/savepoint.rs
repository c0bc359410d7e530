use shortlease::{Sqlite, Tx};
use shortlease_ui_tests::remote;

async fn call_tool(tx: &mut Tx<Sqlite>) -> Result<String, shortlease::Error> {
    tx.savepoint(async |_tx| Ok(remote().await)).await
}

fn main() {
    let _ = call_tool;
}

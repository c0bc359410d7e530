// Two leases of two sessions, at the same time.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(a: &mut Session<Sqlite>, b: &mut Session<Sqlite>) -> Result<(), Error> {
    a.transaction(async |_tx| b.transaction(async |_tx| Ok(())).await).await
}

fn main() {}

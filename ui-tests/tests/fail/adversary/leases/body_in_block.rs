// The body of the lease in a block.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease({
        let ask = remote();
        async |_conn| Ok(ask.await)
    })
    .await
}

fn main() {}

// The lease in a function within the handler.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    async fn inner(db: &mut Session<Sqlite>) -> Result<String, Error> {
        db.lease(async |_conn| Ok(remote().await)).await
    }
    inner(db).await
}

fn main() {}

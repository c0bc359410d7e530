// A lease beside something remote in a `select!`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    tokio::select! {
        done = db.lease(async |_conn| Ok(())) => done,
        _ = remote() => Ok(()),
    }
}

fn main() {}

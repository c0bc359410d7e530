// The whole lease out of a macro, in a handler.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! held {
    ($db:expr, $future:expr) => {
        $db.lease(async |_conn| Ok($future.await)).await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    held!(db, remote())
}

fn main() {}

// The body of the lease handed to a macro as a closure.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

macro_rules! with {
    ($db:ident, $body:expr) => {
        $db.lease($body).await
    };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    with!(db, async |_conn| Ok(remote().await))
}

fn main() {}

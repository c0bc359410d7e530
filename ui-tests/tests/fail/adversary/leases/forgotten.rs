// A lease forgotten, so that it never ends.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    std::mem::forget(db.lease(async |_conn| Ok(())));
    Ok(())
}

fn main() {}

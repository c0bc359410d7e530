// The session cloned, for a second lease beside the first.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let second: Session<Sqlite> = Clone::clone(db);
    drop(second);
    Ok(())
}

fn main() {}

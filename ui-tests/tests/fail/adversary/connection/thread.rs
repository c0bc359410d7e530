// The connection taken to a thread.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        std::thread::spawn(move || drop(conn));
        Ok(())
    })
    .await
}

fn main() {}

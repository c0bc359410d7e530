// The connection put behind a lock.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};
use std::sync::Mutex;

#[handler]
async fn call_tool(
    db: &mut Session<Sqlite>,
    shelf: &Mutex<Option<&'static mut Conn<Sqlite>>>,
) -> Result<(), Error> {
    db.lease(async |conn| {
        *shelf.lock().unwrap() = Some(conn);
        Ok(())
    })
    .await
}

fn main() {}

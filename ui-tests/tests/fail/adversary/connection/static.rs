// The connection put in a static.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};
use std::sync::Mutex;

static KEPT: Mutex<Option<&'static mut Conn<Sqlite>>> = Mutex::new(None);

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        *KEPT.lock().unwrap() = Some(conn);
        Ok(())
    })
    .await
}

fn main() {}

// The connection put in a thread local.
use shortlease::Conn;
use shortlease::{Error, Session, Sqlite, handler};
use std::cell::RefCell;

thread_local! {
    static KEPT: RefCell<Option<&'static mut Conn<Sqlite>>> = const { RefCell::new(None) };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        KEPT.with_borrow_mut(|kept| *kept = Some(conn));
        Ok(())
    })
    .await
}

fn main() {}

// A guard with the connection in it, dropped after the lease.
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

struct Guard<'a>(Option<&'a mut Conn<Sqlite>>);
impl Drop for Guard<'_> {
    fn drop(&mut self) {
        drop(self.0.take());
    }
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let mut guard = Guard(None);
    db.lease(async |conn| Ok(guard.0 = Some(conn))).await?;
    Ok(remote().await)
}

fn main() {}

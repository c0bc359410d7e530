// A lease polled by hand, then left while something remote is awaited.
use futures::FutureExt;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let mut lease = Box::pin(db.lease(async |_conn| Ok(())));
    let _ = (&mut lease).now_or_never();
    Ok(remote().await)
}

fn main() {}

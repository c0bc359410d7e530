// A sealed client, while an async block with a lease in it is polled.
use futures::FutureExt;
use shortlease::{Error, Remote, Session, Sqlite, handler};
use shortlease_ui_tests::Mcp;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, mcp: &Remote<Mcp>) -> Result<(), Error> {
    let mut lease = Box::pin(async { db.lease(async |_conn| Ok(())).await });
    let _ = (&mut lease).now_or_never();
    mcp.get(db).call("http://one").await;
    lease.await
}

fn main() {}

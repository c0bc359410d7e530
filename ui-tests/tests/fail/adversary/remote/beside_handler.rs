// A sealed client, while a handler's future is pinned and polled.
use std::pin::pin;

use futures::FutureExt;
use shortlease::{Error, Remote, Session, Sqlite, handler};
use shortlease_ui_tests::Mcp;

#[handler]
async fn inner(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |_conn| Ok(())).await
}

async fn outer(db: &mut Session<Sqlite>, mcp: &Remote<Mcp>) {
    let mut lease = pin!(inner(db));
    let _ = lease.as_mut().now_or_never();
    mcp.get(db).call("http://one").await;
    let _ = lease.await;
}

fn main() {
    let _ = outer;
}

// A recursive function that is not leased, in a box.
use futures::future::BoxFuture;
use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

fn descend(conn: &mut Conn<Sqlite>, depth: u32) -> BoxFuture<'_, ()> {
    Box::pin(async move {
        match depth {
            0 => drop(remote().await),
            _ => descend(conn, depth - 1).await,
        }
    })
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| Ok(descend(conn, 3).await)).await
}

fn main() {}

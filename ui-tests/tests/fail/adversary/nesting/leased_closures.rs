// Two leases through a wrapper, to swap their connections.
use shortlease::{Conn, Error, LeasedFn, Session, Sqlite, handler};

#[handler]
async fn with(
    db: &mut Session<Sqlite>,
    body: impl LeasedFn<Conn<Sqlite>, Result<(), Error>>,
) -> Result<(), Error> {
    db.lease(async |conn| body.call(conn).await).await
}

#[handler]
async fn call_tool(one: &mut Session<Sqlite>, two: &mut Session<Sqlite>) -> Result<(), Error> {
    with(one, #[leased] async |a: &mut Conn<Sqlite>| {
        with(two, #[leased] async |b: &mut Conn<Sqlite>| {
            std::mem::swap(a, b);
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}

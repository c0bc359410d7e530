// The connection returned by a checked body that a wrapper runs on its lease.
use shortlease::{Conn, Error, LeasedFn, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn with<T>(
    db: &mut Session<Sqlite>,
    body: impl LeasedFn<Conn<Sqlite>, T>,
) -> Result<T, Error> {
    db.lease(async |conn| Ok(body.call(conn).await)).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let _conn = with(db, #[leased] async |conn: &mut Conn<Sqlite>| conn).await?;
    remote().await;
    Ok(())
}

fn main() {}

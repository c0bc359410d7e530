// A handler called in a lease.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn inner(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |_conn| Ok(())).await?;
    Ok(remote().await)
}

#[handler]
async fn outer(db: &mut Session<Sqlite>, other: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |_conn| Ok(inner(other).await?)).await
}

fn main() {}

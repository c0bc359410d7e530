// The connection pushed on a list that outlives the lease.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let mut kept = Vec::new();
    db.lease(async |conn| {
        kept.push(conn);
        Ok(())
    })
    .await?;
    Ok(remote().await)
}

fn main() {}

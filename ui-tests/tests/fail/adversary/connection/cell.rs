// The connection put in a cell that outlives the lease.
use std::cell::OnceCell;

use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let kept = OnceCell::<&mut Conn<Sqlite>>::new();
    db.lease(async |conn| {
        let _ = kept.set(conn);
        Ok(())
    })
    .await?;
    Ok(remote().await)
}

fn main() {}

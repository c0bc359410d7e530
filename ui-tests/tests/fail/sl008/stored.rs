use shortlease::{Conn, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let mut kept: Option<&mut Conn<Sqlite>> = None;
    db.lease(async |conn| {
        kept = Some(conn);
        Ok(())
    })
    .await?;
    remote().await;
    drop(kept);
    Ok(())
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let _conn = db.lease(async |conn| Ok(conn)).await?;
    Ok(())
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| conn.execute("LISTEN news").await.map(drop)).await?;
    Ok(())
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.execute("SET search_path = acme").await?;
    Ok(())
}

fn main() {}

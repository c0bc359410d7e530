use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    let _delete = db.lease(async |conn| Ok(sqlx::query("DELETE FROM calls").execute(conn))).await?;
    Ok(())
}

fn main() {}

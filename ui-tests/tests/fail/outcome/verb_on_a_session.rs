use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    sqlx::query("DELETE FROM tools").execute(&mut *db).await?;
    Ok(())
}

fn main() {}

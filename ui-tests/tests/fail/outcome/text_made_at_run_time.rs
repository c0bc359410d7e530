use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>, table: &str) -> Result<(), Error> {
    db.execute(format!("DELETE FROM {table}")).await?;
    Ok(())
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn defer(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.execute(sqlx::query("PRAGMA defer_foreign_keys = ON")).await?;
    Ok(())
}

fn main() {}

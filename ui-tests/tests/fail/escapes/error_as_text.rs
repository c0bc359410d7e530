use shortlease::{Error, Session, Sqlite, handler};

#[handler(error = "Error")]
async fn clear(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| sqlx::query("DELETE FROM calls").execute(conn).await).await?;
    Ok(())
}

fn main() {}

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn tools(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT 1").fetch(conn).await?;
        Ok(())
    })
    .await
}

fn main() {}

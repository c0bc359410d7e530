use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("DELETE FROM calls").execute(&mut *tx).await?;
        sqlx::query("DELETE FROM tools").execute().await?;
        Ok(())
    })
    .await
}

fn main() {}

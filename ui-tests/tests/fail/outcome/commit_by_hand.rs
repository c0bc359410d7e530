use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("DELETE FROM calls").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

fn main() {}

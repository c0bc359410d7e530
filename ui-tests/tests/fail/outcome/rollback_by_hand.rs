use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.transaction(async |tx| {
        let cleared = sqlx::query("DELETE FROM calls").execute(&mut *tx).await?.rows_affected();
        if cleared > 100 {
            tx.rollback().await?;
        }
        Ok(cleared <= 100)
    })
    .await
}

fn main() {}

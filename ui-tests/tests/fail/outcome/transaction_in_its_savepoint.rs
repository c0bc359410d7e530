use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn note(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        tx.savepoint(async |_sp| {
            sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
            Ok(())
        })
        .await
    })
    .await
}

fn main() {}

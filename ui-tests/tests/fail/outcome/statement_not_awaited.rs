use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn clear(db: &mut Session<Sqlite>) -> Result<u64, Error> {
    let done = db
        .transaction(async |tx| {
            sqlx::query("DELETE FROM calls").execute(&mut *tx).await?;
            sqlx::query("DELETE FROM tools").execute(tx)
        })
        .await?;
    Ok(done.rows_affected())
}

fn main() {}

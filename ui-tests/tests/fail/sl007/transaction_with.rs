use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, other: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM tools").execute(conn).await?;
        other
            .transaction_with(shortlease::TxOptions::new(), async |tx| {
                sqlx::query("DELETE FROM tools").execute(tx).await?;
                Ok(())
            })
            .await
    })
    .await
}

fn main() {}

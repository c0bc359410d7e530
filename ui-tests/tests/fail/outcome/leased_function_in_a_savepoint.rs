use shortlease::{Error, Session, Sqlite, Tx, handler, leased};

#[leased]
async fn note(tx: &mut Tx<Sqlite>) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO notes VALUES (1)").execute(tx).await.map(drop)
}

#[handler]
async fn notes(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        note(&mut *tx).await?;
        tx.savepoint(async |inner| {
            note(&mut *inner).await?;
            note(tx).await
        })
        .await
    })
    .await
}

fn main() {}

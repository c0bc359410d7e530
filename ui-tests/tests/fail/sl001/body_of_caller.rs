use shortlease::{Error, Session, Sqlite, Tx, handler};

#[handler]
async fn with_tx<T>(
    db: &mut Session<Sqlite>,
    body: impl AsyncFnOnce(&mut Tx<Sqlite>) -> Result<T, Error>,
) -> Result<T, Error> {
    db.transaction(async |tx| body(tx).await).await
}

fn main() {}

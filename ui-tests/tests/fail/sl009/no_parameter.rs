use shortlease::{Sqlite, Tx, leased};

type DbTx = Tx<Sqlite>;

#[leased(on = conn)]
async fn count(tx: &mut DbTx) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await
}

fn main() {}

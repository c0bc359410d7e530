use shortlease::{Db, Error, LeasedFn, Sqlite, Tx, handler};

#[handler]
async fn within<T>(
    db: &Db<Sqlite>,
    body: impl LeasedFn<Tx<Sqlite>, Result<T, Error>>,
) -> Result<T, Error> {
    db.session().transaction(async |tx| body.call(tx).await).await
}

#[handler]
async fn call_tool(db: &Db<Sqlite>) -> Result<i64, Error> {
    within(db, #[leased] |tx: &mut Tx<_>| Box::pin(async move {
        Ok(sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await?)
    }))
    .await
}

fn main() {}

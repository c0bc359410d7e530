//! Parts of a transaction that are undone alone.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, Tx, handler, leased};

#[leased]
async fn bump(tx: &mut Tx<Sqlite>, id: i64) -> Result<(), Error> {
    tx.savepoint(async |tx| {
        sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = $1").bind(id).execute(tx).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.transaction(async |tx| {
        bump(tx, 1).await?;
        let undone: Result<(), Error> = tx
            .savepoint(async |inner| {
                bump(inner, 1).await?;
                inner.savepoint(async |inner| bump(inner, 2).await).await?;
                Err(Error::Closed)
            })
            .await;
        assert!(undone.is_err());
        bump(tx, 2).await?;
        Ok(sqlx::query_scalar("SELECT sum(uses) FROM tools").fetch_one(tx).await?)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), 2);
}

//! Wrappers around leases: functions that take a body and run it on a lease of their own.

use std::time::Duration;

use shortlease::{Conn, Db, Error, LeasedFn, Session, Sqlite, Tx, handler, leased};
use tokio::time::Instant;

#[handler]
async fn with_tx<T>(
    db: &mut Session<Sqlite>,
    body: impl LeasedFn<Tx<Sqlite>, Result<T, Error>>,
) -> Result<T, Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO calls (tool, output) VALUES (1, 'audited')").execute(&mut *tx).await?;
        body.call(tx).await
    })
    .await
}

#[handler]
async fn timed<T>(
    db: &mut Session<Sqlite>,
    body: impl LeasedFn<Conn<Sqlite>, Result<T, Error>>,
) -> Result<(T, Duration), Error> {
    let began = Instant::now();
    let value = db.lease(async |conn| body.call(conn).await).await?;
    Ok((value, began.elapsed()))
}

#[leased]
async fn add(conn: &mut Conn<Sqlite>, output: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)").bind(output).execute(conn).await?;
    Ok(())
}

#[handler]
async fn calls(db: &mut Session<Sqlite>, output: &str) -> Result<(i64, Vec<String>), Error> {
    let count = with_tx(
        db,
        #[leased]
        async |tx: &mut Tx<Sqlite>| {
            add(tx, output).await?;
            Ok(sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(tx).await?)
        },
    )
    .await?;
    let two = timed(db, #[leased] async |_: &mut Conn<Sqlite>| Ok::<i64, Error>(1).map(|one| 2 * one));
    assert_eq!(two.await?.0, 2);
    let three: i64 = with_tx(
        db,
        #[leased]
        async |tx: &mut Tx<Sqlite>| -> Result<_, Error> {
            let two: i64 = tx
                .savepoint(async |tx| Ok(sqlx::query_scalar("SELECT 2").fetch_one(tx).await?))
                .await?;
            tx.savepoint(async |tx| Ok(add(tx, "third").await?)).await?;
            Ok(two + 1)
        },
    )
    .await?;
    assert_eq!(three, 3);
    let (outputs, _took) = timed(db, #[leased] async |conn: &mut Conn<Sqlite>| {
        let outputs = sqlx::query_scalar("SELECT output FROM calls ORDER BY id").fetch_all(conn);
        Ok(outputs.await?)
    })
    .await?;
    Ok((count, outputs))
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db: Db<Sqlite> = shortlease_ui_tests::db().await;
    let mut session = db.session();
    // In a task: all of it is `Send`.
    let task = tokio::spawn(async move { calls(&mut session, "answered").await });
    let outputs = ["audited", "answered", "audited", "third"].map(str::to_owned);
    assert_eq!(task.await.unwrap().unwrap(), (2, outputs.into()));
}

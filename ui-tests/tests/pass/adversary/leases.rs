//! Beside leases that are stored, nested or left: leases in turn, in tasks, under a time limit, and a
//! sealed client between them.
#![deny(warnings)]

use std::time::Duration;

use shortlease::{Db, Error, Remote, Session, Sqlite, Tx, handler, leased};
use shortlease_ui_tests::Mcp;
use tokio::time::timeout;

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        Ok(sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(conn).await?)
    })
    .await
}

#[leased]
async fn record(tx: &mut Tx<Sqlite>, output: &str) -> sqlx::Result<()> {
    let call = sqlx::query("INSERT INTO calls (tool, output) VALUES (1, $1)").bind(output);
    call.execute(tx).await.map(drop)
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, mcp: &Remote<Mcp>) -> Result<i64, Error> {
    let before = timeout(Duration::from_secs(5), count(db)).await.unwrap()?;
    let out = mcp.get(db).call("http://one").await;
    db.transaction(async |tx| {
        record(tx, &out).await?;
        tx.savepoint(async |tx| record(tx, "again").await).await
    })
    .await?;
    Ok(count(db).await? - before)
}

#[handler]
async fn at_once(db: &Db<Sqlite>) -> (i64, i64) {
    let (mut a, mut b) = (db.session(), db.session());
    let (a, b) = tokio::join!(count(&mut a), count(&mut b));
    (a.unwrap(), b.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session(), &Remote::new(Mcp)).await.unwrap(), 2);
    assert_eq!(at_once(&db).await, (2, 2));
}

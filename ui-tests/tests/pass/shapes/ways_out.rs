//! The named ways out: `unchecked` in a lease, a dedicated connection outside of one.
#![deny(warnings)]

use shortlease::{Conn, Db, Error, Session, Sqlite, handler, leased};
use shortlease_ui_tests::remote;

/// Code that knows only `sqlx`.
async fn count(on: &mut sqlx::SqliteConnection) -> sqlx::Result<i64> {
    remote().await;
    sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(on).await
}

#[leased]
async fn counted(conn: &mut Conn<Sqlite>) -> sqlx::Result<i64> {
    conn.unchecked("it takes a connection of sqlx", async |raw| count(raw).await).await
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        let counted = counted(conn).await?;
        let again = conn.unchecked("the same", async |raw| count(raw).await).await?;
        Ok(counted + again)
    })
    .await
}

#[handler]
async fn beside(db: &Db<Sqlite>) -> Result<i64, Error> {
    let mut own = db.dedicated("it lives as long as the test").await?;
    remote().await;
    Ok(count(&mut own).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session()).await.unwrap(), 4);
    assert_eq!(beside(&db).await.unwrap(), 2);
}

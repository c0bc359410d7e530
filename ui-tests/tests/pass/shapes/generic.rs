//! A handler over any database.
#![deny(warnings)]

use shortlease::{Backend, Conn, Error, Session, Sqlite, Statement, handler, leased};

#[leased]
async fn run<DB: Backend>(
    conn: &mut Conn<DB>,
    statement: impl Statement<DB, i64>,
) -> sqlx::Result<i64> {
    statement.fetch_one(conn).await
}

#[handler]
async fn one<DB: Backend, S: Statement<DB, i64>>(
    db: &mut Session<DB>,
    statement: S,
) -> Result<i64, Error> {
    db.lease(async |conn| Ok(run(conn, statement).await?)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let session: &mut Session<Sqlite> = &mut db.session();
    assert_eq!(one(session, sqlx::query_scalar("SELECT count(*) FROM tools")).await.unwrap(), 2);
}

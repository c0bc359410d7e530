//! A whole test in one transaction that is never committed.

use shortlease::{Db, Error, MySql, Session, handler};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;

#[handler]
async fn add(db: &mut Session<MySql>, n: i64, fails: bool) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (?)").bind(n).execute(tx).await?;
        if fails { Err(sqlx::Error::RowNotFound.into()) } else { Ok(()) }
    })
    .await
}

async fn notes() -> (MySqlDatabase, Db<MySql>) {
    let database = MySqlDatabase::new().await;
    let table = format!("CREATE TABLE {}.notes (n BIGINT PRIMARY KEY)", database.name());
    database.server().execute(table).await;
    let db = database.builder().test_transaction().connect().await.unwrap();
    (database, db)
}

#[tokio::test]
async fn a_test_sees_what_it_did_and_leaves_nothing() {
    let (database, db) = notes().await;
    let outside = format!("SELECT count(*) FROM {}.notes", database.name());
    let mut session = db.session();
    add(&mut session, 1, false).await.unwrap();
    add(&mut session, 2, true).await.unwrap_err();
    add(&mut session, 1, false).await.unwrap_err();
    session.execute(sqlx::query("INSERT INTO notes VALUES (3)")).await.unwrap();
    session.execute(sqlx::query("INSERT INTO notes VALUES (3)")).await.unwrap_err();
    let seen = sqlx::query_scalar::<_, i64>("SELECT n FROM notes ORDER BY n");
    assert_eq!(session.fetch_all(seen).await.unwrap(), [1, 3]);
    drop((session, db));
    wait::until("the rollback", async || !database.in_transaction().await).await;
    assert_eq!(database.server().number(outside).await, 0);
}

#[tokio::test]
async fn a_statement_that_commits_by_itself_is_an_error() {
    let (_database, db) = notes().await;
    let create = sqlx::query("CREATE TABLE other (n INT)");
    let error = db.session().execute(create).await.unwrap_err();
    assert!(error.to_string().contains("it ended the transaction"), "{error}");
    let error = add(&mut db.session(), 1, false).await.unwrap_err();
    assert!(matches!(error, Error::Setting { setting: "test_transaction", .. }), "{error:?}");
}

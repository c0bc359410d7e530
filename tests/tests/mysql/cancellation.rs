//! What is dropped ends on the server too.

use std::time::Duration;

use shortlease::{Db, Error, MySql, Session, handler};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;
use sqlx::MySqlConnection;

const SOON: Duration = Duration::from_millis(200);

#[handler]
async fn sleep(db: &mut Session<MySql>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        sqlx::query("SELECT SLEEP(600)").execute(tx).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn first_of_many(db: &mut Session<MySql>) -> Result<(i64, u64), Error> {
    db.lease(async |conn| {
        let id: u64 = sqlx::query_scalar("SELECT CONNECTION_ID()").fetch_one(&mut *conn).await?;
        // Without an end, as far as the test is concerned.
        let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000) \
                    SELECT 1 FROM n a CROSS JOIN n b";
        let mut rows = sqlx::query_scalar::<_, i64>(many).fetch(conn);
        let first = rows.try_next().await?;
        Ok((first.unwrap_or_default(), id))
    })
    .await
}

async fn notes(connections: usize) -> (MySqlDatabase, Db<MySql>) {
    let database = MySqlDatabase::new().await;
    let builder = database.builder().max_connections(connections);
    let db = builder.max_lease(wait::LIMIT).connect().await.unwrap();
    let table = "CREATE TABLE notes (n BIGINT)";
    db.session().execute(sqlx::query(table)).await.unwrap();
    (database, db)
}

#[tokio::test]
async fn a_statement_that_is_dropped_ends_with_its_session() {
    let (database, db) = notes(1).await;
    let before = database.sessions().await;
    let mut session = db.session();
    assert!(tokio::time::timeout(SOON, sleep(&mut session)).await.is_err());
    assert!(db.leases().is_empty());
    // The slot is free at once.
    let count = || sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes");
    assert_eq!(db.session().fetch_one(count()).await.unwrap(), 0);
    wait::until("the end of the session", async || {
        let now = database.sessions().await;
        before.iter().all(|session| !now.contains(session)) && !database.is_busy().await
    })
    .await;
    wait::until("the recovery", async || db.status().recovering == 0).await;
}

#[tokio::test]
async fn a_stream_that_is_dropped_between_rows_keeps_its_session() {
    let (database, db) = notes(1).await;
    let (first, id) = first_of_many(&mut db.session()).await.unwrap();
    assert_eq!(first, 1);
    wait::until("the recovery", async || {
        db.status().recovering == 0 && db.status().idle == 1 && !database.is_busy().await
    })
    .await;
    let now = sqlx::query_scalar::<_, u64>("SELECT CONNECTION_ID()");
    let now = db.session().fetch_one(now).await.unwrap();
    assert_eq!(now, id, "not killed, only what it ran");
}

#[handler]
async fn unchecked_after_a_timeout(db: &mut Session<MySql>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let sleep = sqlx::query_scalar::<_, i64>("SELECT SLEEP(1)").fetch_one(&mut *tx);
        assert!(tokio::time::timeout(SOON, sleep).await.is_err());
        let other = async |raw: &mut MySqlConnection| {
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes").fetch_one(raw).await
        };
        assert_eq!(tx.unchecked("a test", other).await?, 1, "the answer to another statement");
        sqlx::query("INSERT INTO notes VALUES (2)").execute(tx).await?;
        Ok(())
    })
    .await
}

/// It would read the answer to the statement that was dropped.
#[tokio::test]
async fn unchecked_code_after_a_statement_that_is_dropped_does_not_run() {
    let (_database, db) = notes(1).await;
    let Err(Error::Database(error)) = unchecked_after_a_timeout(&mut db.session()).await else {
        panic!("on a connection that cannot be read on")
    };
    assert!(error.to_string().contains("dropped before its answer"), "{error}");
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes");
    assert_eq!(db.session().fetch_one(count).await.unwrap(), 0);
}

#[handler]
async fn give_up(db: &mut Session<MySql>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let sleep = sqlx::query("SELECT SLEEP(600)").execute(&mut *tx);
        assert!(tokio::time::timeout(SOON, sleep).await.is_err());
        let next = sqlx::query("INSERT INTO notes VALUES (2)").execute(tx).await;
        let refused = next.unwrap_err().to_string();
        assert!(refused.contains("dropped before its answer"), "{refused}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_transaction_does_not_go_on_after_a_statement_that_was_dropped() {
    let (database, db) = notes(1).await;
    let outcome = give_up(&mut db.session()).await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    wait::until("the rollback", async || !database.is_busy().await).await;
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes");
    assert_eq!(db.session().fetch_one(count).await.unwrap(), 0);
}

#[tokio::test]
async fn a_lease_that_nobody_polls_is_ended_on_the_server() {
    let (database, _) = notes(1).await;
    // Long enough to see the statement before.
    let limit = Duration::from_secs(3);
    let db = database.builder().max_connections(1).max_lease(limit).connect().await.unwrap();
    let mut session = db.session();
    let mut forgotten = Box::pin(sleep(&mut session));
    wait::until("the statement", async || {
        assert!(futures_util::poll!(&mut forgotten).is_pending());
        database.is_busy().await
    })
    .await;
    wait::until("its end", async || db.leases().is_empty() && !database.is_busy().await).await;
    drop(forgotten);
}

#[handler]
async fn sleep_with(db: &mut Session<MySql>, text: &str) -> Result<(), Error> {
    let text = sqlx::query("SELECT SLEEP(600), ?").bind(text);
    db.execute(text).await.map(drop)
}

/// MySQL's table of sessions cannot be read while there is such a statement.
#[tokio::test]
async fn the_text_of_a_statement_is_nobody_elses_concern() {
    let (database, db) = notes(1).await;
    let sleeping = tokio::spawn(async move { sleep_with(&mut db.session(), "\u{1F600}").await });
    wait::until("the statement", async || database.is_busy().await).await;
    let other = database.builder().max_connections(1).connect().await.unwrap();
    let mut session = other.session();
    session.execute(sqlx::query("SELECT 1")).await.unwrap();
    let before = database.sessions().await;
    assert!(tokio::time::timeout(SOON, sleep(&mut session)).await.is_err());
    wait::until("the end of the other session", async || {
        let now = database.sessions().await;
        before.iter().any(|session| !now.contains(session))
    })
    .await;
    assert!(!sleeping.is_finished(), "it was the other one");
    sleeping.abort();
}

//! What is dropped ends on the server too.

use std::future::pending;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shortlease::{Db, Error, MySql, Session, handler};
use shortlease_tests::mysql::{Flavor, PASSWORD, Server, USER};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;
use sqlx::{Connection, MySqlConnection};
use tokio::time::timeout;

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

async fn notes(connections: u32) -> (MySqlDatabase, Db<MySql>) {
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

#[handler]
async fn goes_on_after_an_answer_that_is_not_understood(
    db: &mut Session<MySql>,
) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let answer = sqlx::query("SELECT place FROM places").execute(&mut *tx).await;
        assert!(matches!(answer, Err(sqlx::Error::Protocol(_))), "{answer:?}");
        sqlx::query("INSERT INTO notes VALUES (2)").execute(tx).await?;
        Ok(())
    })
    .await
}

/// It would wait for an answer that `sqlx` takes for one to the statement before.
#[tokio::test]
async fn a_transaction_does_not_go_on_after_an_answer_that_is_not_understood() {
    if !Flavor::of_this_run().is_mysql() {
        // `sqlx` knows all of its types.
        return;
    }
    let (_database, db) = notes(1).await;
    let places = "CREATE TABLE places (place VECTOR(3)); INSERT INTO places VALUES (NULL)";
    db.session().execute(sqlx::raw_sql(places)).await.unwrap();
    let outcome = goes_on_after_an_answer_that_is_not_understood(&mut db.session()).await;
    let Err(Error::Database(error)) = outcome else { panic!("{outcome:?}") };
    assert!(error.to_string().contains("broke the connection"), "{error}");
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

async fn id(conn: &mut MySqlConnection) -> u64 {
    sqlx::query_scalar("SELECT CONNECTION_ID()").fetch_one(conn).await.unwrap()
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Over a socket, all clients have one address, and after a restart ids begin anew.
#[tokio::test]
async fn a_session_of_somebody_else_is_not_ended_after_a_restart() {
    let mut server = Server::start(&[]).await;
    server.execute("CREATE DATABASE scratch_socket").await;
    let mut admin = server.admin().await;
    let socket = sqlx::query_scalar("SELECT @@socket").fetch_one(&mut admin).await;
    let socket: String = socket.unwrap();
    let url = format!("mysql://{USER}:{PASSWORD}@localhost/scratch_socket?socket={socket}");
    let builder = Db::<MySql>::builder(&url).max_dedicated(2).keepalive(SOON);
    let db = builder.connect_lazy().unwrap();
    // Their ids are used before those of the sessions that are needed here.
    for _ in 0..10 {
        server.admin().await.close().await.unwrap();
    }
    let mut lost = db.dedicated("its session is lost").await.unwrap();
    let lost_id = id(&mut lost).await;
    let began = seconds();
    wait::until("another second to begin in", async || seconds() > began).await;
    server.restart().await;
    let mut others = Vec::new();
    let mut victim = loop {
        let mut other = MySqlConnection::connect(&url).await.unwrap();
        let other_id = id(&mut other).await;
        assert!(other_id <= lost_id, "{other_id} and not {lost_id}");
        if other_id == lost_id {
            break other;
        }
        others.push(other);
    };
    let looked = timeout(wait::LIMIT, lost.run(async |_| pending::<()>().await)).await;
    assert!(matches!(looked, Ok(Err(Error::SessionLost { .. }))), "{looked:?}");
    let mut last = db.dedicated("its session ends after the other one").await.unwrap();
    let last_id = id(&mut last).await;
    drop(lost);
    drop(last);
    wait::until("the end of the last", async || {
        !server.sessions("scratch_socket").await.contains(&last_id)
    })
    .await;
    assert_eq!(id(&mut victim).await, lost_id);
}

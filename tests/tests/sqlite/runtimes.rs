//! A handle that outlives the runtime it was made in.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use shortlease::{Db, Error, Session, Sqlite, handler};
use shortlease_tests::wait;
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[handler]
async fn for_ever(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        loop {
            sqlx::query("SELECT 1").execute(&mut *conn).await?;
        }
    })
    .await
}

#[test]
fn a_lease_that_nobody_polls_is_revoked_in_the_next_one_too() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("file.db").display());
    let builder = Db::<Sqlite>::builder(url).max_lease(Duration::from_millis(300));
    let first = runtime();
    let db = first.block_on(builder.connect()).unwrap();
    drop(first);
    runtime().block_on(async {
        let mut session = db.session();
        let mut forgotten = Box::pin(for_ever(&mut session));
        tokio::select! {
            biased;
            ended = &mut forgotten => panic!("it goes on: {ended:?}"),
            () = wait::until("a lease", async || db.leases().len() == 1) => {}
        }
        wait::until("its end", async || db.leases().is_empty()).await;
        assert!(matches!(forgotten.await, Err(Error::LeaseRevoked { .. })));
    });
}

#[handler]
async fn write_for_ever(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let endless = "INSERT INTO notes WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) \
                       SELECT n FROM n WHERE n < 0";
        sqlx::query(endless).execute(conn).await?;
        Ok(())
    })
    .await
}

#[test]
fn a_statement_ends_with_its_runtime() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("file.db").display());
    let first = runtime();
    first.block_on(async {
        let db = Db::<Sqlite>::connect(&url).await.unwrap();
        db.session().execute(sqlx::query("CREATE TABLE notes (n INTEGER)")).await.unwrap();
        drop(tokio::spawn(write_for_ever(db.session())));
        wait::until("the statement", async || db.leases().iter().any(|l| l.in_query)).await;
        // It has the write lock.
        let mut other = SqliteConnection::connect(&url).await.unwrap();
        other.execute("PRAGMA busy_timeout = 0").await.unwrap();
        wait::until("the write lock", async || other.execute("BEGIN IMMEDIATE").await.is_err())
            .await;
    });
    drop(first);
    let began = Instant::now();
    runtime().block_on(async {
        let db = Db::<Sqlite>::connect(&url).await.unwrap();
        db.session().execute(sqlx::query("INSERT INTO notes VALUES (1)")).await.unwrap();
    });
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
#[should_panic(expected = "no reactor running")]
fn a_lease_outside_of_any_panics() {
    let runtime = runtime();
    let db = runtime.block_on(Db::<Sqlite>::connect("sqlite::memory:")).unwrap();
    let _ = db.session().execute(sqlx::query("SELECT 1")).now_or_never();
}

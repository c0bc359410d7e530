//! Writes of one statement on SQLite, beside transactions that follow each other without a gap.

use std::time::{Duration, Instant};

use shortlease::{Db, Error, Session, Sqlite, WaitPhase, handler};
use shortlease_tests::scratch::SqliteFile;
use sqlx::{Connection, Executor, SqliteConnection};

#[handler]
async fn work(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let slow = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 20000) \
                    SELECT count(*) FROM n";
        sqlx::query(slow).execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_write_takes_its_turn() {
    let file = SqliteFile::new();
    let db = Db::<Sqlite>::builder(file.url()).max_connections(12).connect().await.unwrap();
    db.session().execute(sqlx::query("CREATE TABLE notes (n INTEGER)")).await.unwrap();
    let end = Instant::now() + Duration::from_secs(4);
    let loops = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            while Instant::now() < end {
                work(&mut db.session()).await.unwrap();
            }
        })
    });
    let loops: Vec<_> = loops.collect();
    let ninth = tokio::spawn({
        let db = db.clone();
        async move {
            let mut longest = Duration::ZERO;
            while Instant::now() < end {
                let asked = Instant::now();
                work(&mut db.session()).await.unwrap();
                longest = longest.max(asked.elapsed());
            }
            longest
        }
    });
    let mut longest = Duration::ZERO;
    while Instant::now() < end {
        let asked = Instant::now();
        db.session().execute(sqlx::query("INSERT INTO notes VALUES (2)")).await.unwrap();
        longest = longest.max(asked.elapsed());
    }
    for each in loops {
        each.await.unwrap();
    }
    let ninth = ninth.await.unwrap();
    println!("the longest wait of a single write: {longest:?}, of a ninth transaction: {ninth:?}");
    assert!(longest < ninth * 2, "{longest:?} beside {ninth:?}");
}

/// No turn helps against another process.
#[tokio::test]
async fn a_file_that_another_process_writes_is_busy() {
    let file = SqliteFile::new();
    let db = Db::<Sqlite>::builder(file.url()).connect().await.unwrap();
    db.session().execute(sqlx::query("CREATE TABLE notes (n INTEGER)")).await.unwrap();
    let mut other = SqliteConnection::connect(&file.url()).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let write = sqlx::query("INSERT INTO notes VALUES (2)");
    let single = db.session().execute(write).await.map(drop);
    let transaction = work(&mut db.session()).await;
    for outcome in [single, transaction] {
        match outcome {
            Err(Error::Busy(busy)) => {
                assert_eq!((busy.phase, busy.setting), (WaitPhase::WriteLock, "busy_timeout"));
                // Not the lease itself.
                assert!(busy.holders.is_empty(), "{busy}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn so_it_is_where_leases_are_shorter_than_that_wait() {
    let file = SqliteFile::new();
    let builder = Db::<Sqlite>::builder(file.url()).max_lease(Duration::from_millis(300));
    let db = builder.connect().await.unwrap();
    let mut other = SqliteConnection::connect(&file.url()).await.unwrap();
    db.session().execute("CREATE TABLE notes (n INTEGER)").await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let write = "INSERT INTO notes VALUES (1) RETURNING n";
    for outcome in [
        work(&mut db.session()).await,
        db.session().execute(write).await.map(drop),
        db.session().fetch_one(write).await.map(drop),
    ] {
        match outcome {
            Err(Error::Busy(busy)) => {
                assert_eq!((busy.phase, busy.setting), (WaitPhase::WriteLock, "max_lease"));
            }
            other => panic!("{other:?}"),
        }
    }
    // What else the lease has done is not known here.
    let plain = plain(&mut db.session()).await;
    assert!(matches!(plain, Err(Error::Database(_))), "{plain:?}");
}

#[handler]
async fn plain(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn no_lease_that_waits_too_is_named_as_the_holder() {
    let file = SqliteFile::new();
    let builder = Db::<Sqlite>::builder(file.url()).setting("busy_timeout", "400");
    let db = builder.connect().await.unwrap();
    let mut other = SqliteConnection::connect(&file.url()).await.unwrap();
    db.session().execute("CREATE TABLE notes (n INTEGER)").await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let first = async { work(&mut db.session()).await };
    let second = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        plain(&mut db.session()).await
    };
    match tokio::join!(first, second).0 {
        Err(Error::Busy(busy)) => {
            assert_eq!((busy.phase, busy.used), (WaitPhase::WriteLock, 1), "{busy}");
            assert!(busy.holders.is_empty(), "{busy}");
        }
        other => panic!("{other:?}"),
    }
}

/// `Busy` would say that nothing was done.
#[tokio::test]
async fn a_text_of_which_a_part_was_done_is_not_busy() {
    let file = SqliteFile::new();
    let builder = Db::<Sqlite>::builder(file.url()).setting("busy_timeout", "100");
    let db = builder.connect().await.unwrap();
    db.session().execute("CREATE TABLE notes (n INTEGER)").await.unwrap();
    let mut other = SqliteConnection::connect(&file.url()).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let both = "CREATE TEMP TABLE done (n INTEGER); INSERT INTO notes VALUES (2)";
    match db.session().execute(both).await {
        Err(Error::Database(error)) => {
            assert!(error.to_string().contains("database is locked"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

/// The clock of tests jumps, and is then the machine's again.
#[tokio::test]
async fn a_clock_that_was_moved_keeps_nobody_out() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    db.session().execute(sqlx::query("CREATE TABLE notes (n INTEGER)")).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3600)).await;
    tokio::time::resume();
    for _ in 0..3 {
        work(&mut db.session()).await.unwrap();
    }
}

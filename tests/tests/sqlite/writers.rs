//! Transactions take turns before they take connections.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use shortlease::{Builder, Db, Error, Session, Sqlite, TxOptions, WaitPhase, handler};
use shortlease_tests::wait;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::in_file::any::poll::poll_once;

#[handler]
async fn hold(mut db: Session<Sqlite>, until: Arc<Notify>) -> Result<(), Error> {
    db.transaction(async |tx| {
        tx.unchecked("the test says when it is over", async |_| until.notified().await).await;
        Ok(())
    })
    .await
}

#[handler]
async fn write(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(tx).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn count(mut db: Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(conn).await)
        .await
}

async fn database(set: impl FnOnce(Builder<Sqlite>) -> Builder<Sqlite>) -> (TempDir, Db<Sqlite>) {
    let directory = tempfile::tempdir().unwrap();
    let builder = Db::builder(format!("sqlite://{}/notes.db?mode=rwc", directory.path().display()));
    let db = set(builder).connect().await.unwrap();
    db.session().execute(sqlx::query("CREATE TABLE notes (n INTEGER)")).await.unwrap();
    (directory, db)
}

/// A transaction that is open until it is told.
async fn open(db: &Db<Sqlite>) -> (Arc<Notify>, tokio::task::JoinHandle<Result<(), Error>>) {
    let until = Arc::new(Notify::new());
    let held = tokio::spawn(hold(db.session(), Arc::clone(&until)));
    wait::until("a transaction", async || db.leases().len() == 1).await;
    (until, held)
}

#[tokio::test]
async fn those_who_wait_for_the_writer_leave_the_connections_to_readers() {
    // Shorter than SQLite's own wait for the writer.
    let timeout = Duration::from_secs(3);
    let (_directory, db) = database(|db| db.max_connections(2).acquire_timeout(timeout)).await;
    let (until, held) = open(&db).await;
    let writers: Vec<_> = (0..3).map(|_| tokio::spawn(write(db.session()))).collect();
    // Each has asked by then.
    tokio::task::yield_now().await;
    assert_eq!(db.leases().len(), 1);
    assert_eq!(count(db.session()).await.unwrap(), 0);
    // Nor is its place theirs when it is free.
    tokio::task::yield_now().await;
    assert_eq!(db.leases().len(), 1);
    until.notify_one();
    held.await.unwrap().unwrap();
    for written in try_join_all(writers).await.unwrap() {
        written.unwrap();
    }
    assert_eq!(count(db.session()).await.unwrap(), 3);
}

#[tokio::test]
async fn waiting_for_a_turn_ends_with_the_figures() {
    let timeout = Duration::from_millis(200);
    let (_directory, db) = database(|db| db.max_connections(2).acquire_timeout(timeout)).await;
    let (until, held) = open(&db).await;
    match write(db.session()).await {
        Err(Error::Busy(busy)) => {
            assert_eq!(busy.phase, WaitPhase::WriteLock, "{busy}");
            assert_eq!((busy.used, busy.max, busy.holders.len()), (1, 2, 1), "{busy}");
            assert!(busy.waited >= timeout, "{busy}");
            assert!(busy.to_string().contains("still waiting for its turn to write"), "{busy}");
        }
        other => panic!("{other:?}"),
    }
    until.notify_one();
    held.await.unwrap().unwrap();
    write(db.session()).await.unwrap();
}

#[tokio::test]
async fn so_does_waiting_for_it_in_a_long_queue() {
    let (_directory, db) = database(|db| db.queue_target(Duration::from_millis(100))).await;
    let (until, held) = open(&db).await;
    match write(db.session()).await {
        Err(Error::Busy(busy)) => {
            assert_eq!((busy.phase, busy.setting), (WaitPhase::WriteLock, "queue_target"));
        }
        other => panic!("{other:?}"),
    }
    until.notify_one();
    held.await.unwrap().unwrap();
}

#[tokio::test]
async fn sqlite_waits_for_its_lock_for_less_than_a_lease_may_last() {
    let waits = || sqlx::query_scalar::<_, i64>("PRAGMA busy_timeout");
    for (max_lease, milliseconds) in [(300, 270), (20_000, 5_000)] {
        let (_directory, db) = database(|db| db.max_lease(Duration::from_millis(max_lease))).await;
        assert_eq!(db.session().fetch_one(waits()).await.unwrap(), milliseconds);
    }
    let max_lease = Duration::from_secs(1);
    let set = |db: Builder<Sqlite>| db.max_lease(max_lease).setting("busy_timeout", "2000");
    let (_directory, db) = database(set).await;
    assert_eq!(db.session().fetch_one(waits()).await.unwrap(), 900);
    let mut dedicated = db.dedicated("has no limits").await.unwrap();
    assert_eq!(waits().fetch_one(&mut *dedicated).await.unwrap(), 2_000);
}

#[tokio::test]
async fn a_turn_is_not_lost_with_who_had_it() {
    let max_lease = Duration::from_millis(300);
    let (_directory, db) = database(|db| db.max_lease(max_lease)).await;
    // Given up while it waits, and while it has it.
    let (until, held) = open(&db).await;
    {
        let mut waiting = pin!(write(db.session()));
        assert!(poll_once(waiting.as_mut()).await.is_none());
    }
    held.abort();
    assert!(held.await.unwrap_err().is_cancelled());
    write(db.session()).await.unwrap();
    // Forgotten: until it is revoked.
    let mut forgotten = Box::pin(hold(db.session(), until));
    wait::until("a transaction", async || {
        assert!(poll_once(forgotten.as_mut()).await.is_none());
        !db.leases().is_empty()
    })
    .await;
    std::mem::forget(forgotten);
    // It waits no more for a turn, but for SQLite's own lock, which the forgotten connection has.
    match write(db.session()).await {
        Err(Error::Busy(busy)) => assert_eq!(busy.setting, "max_lease", "{busy}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(count(db.session()).await.unwrap(), 1);
}

/// Nobody asks for anything meanwhile that would make the pool look.
#[tokio::test]
async fn nor_with_who_has_forgotten_that_it_waits() {
    for connections in [1, 2] {
        let limits =
            |db: Builder<Sqlite>| db.max_connections(connections).acquire_timeout(wait::LIMIT);
        let (_directory, db) = database(limits).await;
        let (until, held) = open(&db).await;
        let mut forgotten = Vec::new();
        for _ in 0..3 {
            let mut waiting = Box::pin(write(db.session()));
            assert!(poll_once(waiting.as_mut()).await.is_none());
            forgotten.push(waiting);
        }
        let next = tokio::spawn(write(db.session()));
        tokio::task::yield_now().await;
        until.notify_one();
        held.await.unwrap().unwrap();
        next.await.unwrap().unwrap();
        assert_eq!(count(db.session()).await.unwrap(), 1, "with {connections}");
        // Whoever remembers it is served after all.
        for waiting in forgotten {
            waiting.await.unwrap();
        }
        assert_eq!(count(db.session()).await.unwrap(), 4, "with {connections}");
    }
}

#[tokio::test]
async fn nor_with_who_has_it_and_waits_for_a_connection() {
    // Every connection is looked at first, in a task.
    let unsure =
        |db: Builder<Sqlite>| db.validate_after(Duration::ZERO).acquire_timeout(wait::LIMIT);
    let (_directory, db) = database(unsure).await;
    let mut forgotten = Box::pin(write(db.session()));
    assert!(poll_once(forgotten.as_mut()).await.is_none());
    write(db.session()).await.unwrap();
    forgotten.await.unwrap();
    assert_eq!(count(db.session()).await.unwrap(), 2);
}

#[tokio::test]
async fn those_who_wait_are_told_when_it_closes() {
    let (_directory, db) = database(|db| db).await;
    let (until, held) = open(&db).await;
    let waiting = tokio::spawn(write(db.session()));
    let closing = tokio::spawn({
        let db = db.clone();
        async move { db.close(Duration::from_secs(600)).await }
    });
    assert!(matches!(waiting.await.unwrap(), Err(Error::Closed)));
    until.notify_one();
    held.await.unwrap().unwrap();
    assert!(closing.await.unwrap().revoked.is_empty());
}

#[handler]
async fn read(mut db: Session<Sqlite>) -> Result<i64, Error> {
    let options = TxOptions::new().read_only();
    db.transaction_with(options, async |tx| {
        sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(tx).await
    })
    .await
}

#[tokio::test]
async fn a_read_only_transaction_waits_for_no_writer() {
    let (_directory, db) = database(|db| db.max_connections(2)).await;
    let (until, held) = open(&db).await;
    assert_eq!(read(db.session()).await.unwrap(), 0);
    until.notify_one();
    held.await.unwrap().unwrap();
}

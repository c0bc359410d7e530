//! Several reads of one state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use shortlease::{Backend, Db, Error, Postgres, Session, Sqlite, handler};
use shortlease_tests::interrupt::Interrupt;
use shortlease_tests::scratch::{PostgresDatabase, SqliteFile};
use shortlease_tests::wait;
use sqlx::sqlite::SqlitePoolOptions;

const READS: usize = 300;

macro_rules! snapshots {
    ($name:ident, $database:ty) => {
        mod $name {
            use super::*;

            #[handler]
            pub(super) async fn sum(db: &mut Session<$database>) -> Result<i64, Error> {
                db.snapshot(async |conn| {
                    let a: i64 = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = 1")
                        .fetch_one(&mut *conn)
                        .await?;
                    let b: i64 = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = 2")
                        .fetch_one(conn)
                        .await?;
                    Ok(a + b)
                })
                .await
            }

            #[handler]
            pub(super) async fn transfer(db: &mut Session<$database>) -> Result<(), Error> {
                db.transaction(async |tx| {
                    for change in ["balance - 1 WHERE id = 1", "balance + 1 WHERE id = 2"] {
                        let change = format!("UPDATE accounts SET balance = {change}");
                        sqlx::query(sqlx::AssertSqlSafe(change)).execute(&mut *tx).await?;
                    }
                    Ok(())
                })
                .await
            }

            #[handler]
            pub(super) async fn write(db: &mut Session<$database>) -> Result<(), Error> {
                db.snapshot(async |conn| {
                    sqlx::query("UPDATE accounts SET balance = 0").execute(conn).await?;
                    Ok(())
                })
                .await
            }

            /// No sum is wrong, nothing can be written, and the connection writes again afterwards.
            pub(super) async fn are_one_state(db: Db<$database>) {
                create_accounts(&db).await;
                let done = Arc::new(AtomicBool::new(false));
                let writer = tokio::spawn({
                    let (db, done) = (db.clone(), Arc::clone(&done));
                    async move {
                        while !done.load(Ordering::Relaxed) {
                            transfer(&mut db.session()).await.unwrap();
                        }
                    }
                });
                for _ in 0..READS {
                    assert_eq!(sum(&mut db.session()).await.unwrap(), 200);
                }
                done.store(true, Ordering::Relaxed);
                writer.await.unwrap();
                for _ in 0..3 {
                    let refused = write(&mut db.session()).await;
                    assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
                    let refused = write(&mut db.session()).await;
                    assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
                    let none = "UPDATE accounts SET balance = 0 WHERE id = 3";
                    db.session().execute(sqlx::query(none)).await.unwrap();
                    transfer(&mut db.session()).await.unwrap();
                }
                assert_eq!(sum(&mut db.session()).await.unwrap(), 200);
            }
        }
    };
}

snapshots!(postgres, Postgres);
snapshots!(sqlite, Sqlite);

async fn create_accounts<DB: Backend>(db: &Db<DB>)
where
    sqlx::RawSql: shortlease::Statement<DB, DB::Row>,
{
    let accounts = "CREATE TABLE accounts (id INTEGER, balance BIGINT); \
                    INSERT INTO accounts VALUES (1, 100), (2, 100)";
    db.session().execute(sqlx::raw_sql(accounts)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let database = PostgresDatabase::new().await;
    postgres::are_one_state(database.builder().connect_lazy().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let file = SqliteFile::new();
    sqlite::are_one_state(Db::builder(file.url()).connect_lazy().unwrap()).await;
}

#[tokio::test]
async fn a_snapshot_does_not_wait_for_the_writer() {
    let file = SqliteFile::new();
    let builder = Db::<Sqlite>::builder(file.url()).acquire_timeout(Duration::from_millis(500));
    let db = builder.connect_lazy().unwrap();
    create_accounts(&db).await;
    let (begun, end) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let mut session = db.session();
    let writing = tokio::spawn({
        let (begun, end) = (Arc::clone(&begun), Arc::clone(&end));
        async move { hold(&mut session, &begun, &end).await }
    });
    begun.notified().await;
    assert_eq!(sqlite::sum(&mut db.session()).await.unwrap(), 200);
    end.notify_one();
    writing.await.unwrap().unwrap();
}

#[handler]
async fn hold(
    db: &mut Session<Sqlite>,
    begun: &tokio::sync::Notify,
    end: &tokio::sync::Notify,
) -> Result<(), Error> {
    db.transaction(async |tx| {
        let held = tx.unchecked("the test says when it is over", async |_| {
            begun.notify_one();
            end.notified().await;
        });
        held.await;
        Ok(())
    })
    .await
}

/// Dropped in the middle, it leaves a connection that writes.
#[tokio::test]
async fn one_that_is_dropped_leaves_nothing_behind() {
    let file = SqliteFile::new();
    let db = Db::<Sqlite>::builder(file.url()).max_connections(1).connect_lazy().unwrap();
    create_accounts(&db).await;
    for polls in 1..12 {
        let mut session = db.session();
        let _ = Interrupt::Drop.after(polls, sqlite::sum(&mut session)).await;
        wait::until("its connection", async || db.status().idle == 1).await;
        sqlite::transfer(&mut db.session()).await.unwrap();
    }
}

/// A lease after a snapshot, dropped in the middle, leaves a connection on which a snapshot refuses writes and a lease does
/// not.
#[tokio::test]
async fn a_lease_after_one_leaves_nothing_behind() {
    let file = SqliteFile::new();
    let db = Db::<Sqlite>::builder(file.url()).max_connections(1).connect_lazy().unwrap();
    create_accounts(&db).await;
    let none = || sqlx::query("UPDATE accounts SET balance = 0 WHERE id = 3");
    // Often at the first poll: the session mostly answers within the poll that asks it.
    for polls in (1..6).chain([0; 150]) {
        sqlite::sum(&mut db.session()).await.unwrap();
        let mut session = db.session();
        let lease = session.execute(none());
        let _ = match polls {
            0 => lease.now_or_never(),
            _ => Interrupt::Drop.after(polls, lease).await,
        };
        wait::until("its connection", async || db.status().idle == 1).await;
        let refused = sqlite::write(&mut db.session()).await;
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
        db.session().execute(none()).await.unwrap();
    }
}

/// The pool of sqlx lends its connections to others too, who write on them.
#[tokio::test]
async fn over_a_pool_it_leaves_nothing_behind() {
    let file = SqliteFile::new();
    let pool = SqlitePoolOptions::new().max_connections(1).connect(&file.url()).await.unwrap();
    let over = || Db::builder_from_pool(pool.clone());
    create_accounts(&over().connect_lazy().unwrap()).await;
    for builder in [over(), over().test_transaction()] {
        let db = builder.connect_lazy().unwrap();
        assert_eq!(sqlite::sum(&mut db.session()).await.unwrap(), 200);
        let refused = sqlite::write(&mut db.session()).await;
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
        sqlite::transfer(&mut db.session()).await.unwrap();
        sqlite::sum(&mut db.session()).await.unwrap();
        // It is refused before anything is sent.
        let tenant = sqlite::sum(&mut db.session().tenant("acme")).await;
        assert!(matches!(tenant, Err(Error::Setting { .. })), "{tenant:?}");
        drop(db);
        let written = sqlx::query("UPDATE accounts SET balance = balance").execute(&pool).await;
        assert_eq!(written.unwrap().rows_affected(), 2);
    }
}

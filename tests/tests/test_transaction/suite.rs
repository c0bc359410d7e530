//! What holds on both.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use shortlease::{Conn, Db, Error, Session, Tx, handler, leased};
use shortlease_tests::interrupt::Interrupt;
use shortlease_tests::wait;
use sqlx::Connection;

use super::{Database, FOR_EVER, Scratch, outside, pool, scratch};

const SOON: Duration = Duration::from_millis(200);

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// A database with a table, seen from outside, and a handle on it that is rolled back.
struct Fixture {
    scratch: Scratch,
    db: Db<Database>,
}

impl Fixture {
    async fn new() -> Fixture {
        let scratch = scratch().await;
        let table =
            "CREATE TABLE notes (id BIGINT NOT NULL, part BIGINT NOT NULL, UNIQUE (id, part))";
        sqlx::raw_sql(table).execute(&mut outside(&scratch.url()).await).await.unwrap();
        let db = scratch.builder().test_transaction().connect().await.unwrap();
        Fixture { scratch, db }
    }

    async fn seen_outside(&self) -> i64 {
        let mut outside = outside(&self.scratch.url()).await;
        let count = sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&mut outside).await;
        outside.close().await.unwrap();
        count.unwrap()
    }

    /// Of an id, as the next lease sees them.
    async fn parts(&self, id: i64) -> Vec<i64> {
        parts(&mut self.db.session(), id).await.unwrap()
    }

    /// Nothing is left, and nothing stands in the way.
    async fn ends(self) -> Scratch {
        assert_eq!(self.seen_outside().await, 0, "before the end");
        let Fixture { scratch, db } = self;
        drop(db);
        let mut outside = outside(&scratch.url()).await;
        wait::until("the rollback", async || {
            sqlx::raw_sql("INSERT INTO notes VALUES (1, 1); INSERT INTO notes VALUES (1, 2)")
                .execute(&mut outside)
                .await
                .is_ok()
        })
        .await;
        let count = sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&mut outside).await;
        assert_eq!(count.ok(), Some(2_i64), "after the end");
        scratch
    }
}

#[leased]
async fn note(conn: &mut Conn<Database>, id: i64, part: i64) -> Result<(), sqlx::Error> {
    let insert = sqlx::query("INSERT INTO notes VALUES ($1, $2)").bind(id).bind(part);
    insert.execute(conn).await?;
    Ok(())
}

#[leased]
async fn twice(tx: &mut Tx<Database>, id: i64) -> Result<(), sqlx::Error> {
    note(tx, id, 1).await?;
    note(tx, id, 2).await
}

#[handler]
async fn parts(db: &mut Session<Database>, id: i64) -> Result<Vec<i64>, Error> {
    db.lease(async |conn| {
        let parts = sqlx::query_scalar("SELECT part FROM notes WHERE id = $1 ORDER BY part");
        parts.bind(id).fetch_all(conn).await
    })
    .await
}

#[handler]
async fn write(db: &mut Session<Database>, id: i64) -> Result<(), Error> {
    db.transaction(async |tx| twice(tx, id).await).await
}

#[handler]
async fn write_and(db: &mut Session<Database>, id: i64, panic: bool) -> Result<(), Error> {
    db.transaction(async |tx| {
        twice(tx, id).await?;
        if panic {
            std::panic::resume_unwind(Box::new("in the body"));
        }
        Err(Error::Closed)
    })
    .await
}

#[handler]
async fn write_alone(db: &mut Session<Database>, id: i64) -> Result<(), Error> {
    db.lease(async |conn| {
        note(conn, id, 1).await?;
        note(conn, id, 2).await?;
        Err(Error::Closed)
    })
    .await
}

#[handler]
async fn for_ever(db: &mut Session<Database>, id: i64) -> Result<i64, Error> {
    db.transaction(async |tx| {
        twice(tx, id).await?;
        sqlx::query_scalar(FOR_EVER).fetch_one(tx).await
    })
    .await
}

#[tokio::test]
async fn commits_are_seen_inside_only() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    assert_eq!(fixture.parts(1).await, [1, 2]);
    let insert = sqlx::query("INSERT INTO notes VALUES (2, 1)");
    fixture.db.session().execute(insert).await.unwrap();
    assert_eq!(fixture.parts(2).await, [1]);
    fixture.ends().await;
}

#[tokio::test]
async fn a_transaction_is_undone_alone() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    assert!(matches!(write_and(&mut fixture.db.session(), 2, false).await, Err(Error::Closed)));
    let mut session = fixture.db.session();
    let panicked = tokio::spawn(async move { write_and(&mut session, 3, true).await }).await;
    assert!(panicked.unwrap_err().is_panic());
    assert!(write(&mut fixture.db.session(), 1).await.is_err(), "they are there");
    for (id, parts) in [(1, vec![1, 2]), (2, vec![]), (3, vec![])] {
        assert_eq!(fixture.parts(id).await, parts, "{id}");
    }
    fixture.ends().await;
}

#[handler]
#[tokio::test]
async fn a_statement_fails_alone() {
    let fixture = Fixture::new().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        note(conn, 1, 1).await?;
        assert!(note(conn, 1, 1).await.unwrap_err().into_database_error().is_some());
        let wrong = sqlx::query("SELECT no_such_column FROM notes").fetch_all(conn).await;
        assert!(matches!(wrong, Err(sqlx::Error::Database(_))));
        let wrong = sqlx::query("SELECT no_such_column FROM notes").fetch_optional(conn).await;
        assert!(matches!(wrong, Err(sqlx::Error::Database(_))));
        note(conn, 1, 2).await
    })
    .await
    .unwrap();
    // What a lease has done is done, whatever it returns.
    assert!(matches!(write_alone(&mut db, 2).await, Err(Error::Closed)));
    assert_eq!((fixture.parts(1).await, fixture.parts(2).await), (vec![1, 2], vec![1, 2]));
    drop(db);
    fixture.ends().await;
}

#[handler]
#[tokio::test]
async fn savepoints_nest() {
    let fixture = Fixture::new().await;
    let mut db = fixture.db.session();
    db.transaction(async |tx| {
        note(tx, 1, 1).await?;
        let undone: Result<(), Error> = tx
            .savepoint(async |tx| {
                note(tx, 1, 2).await?;
                note(tx, 1, 1).await?;
                Ok(())
            })
            .await;
        assert!(undone.is_err());
        tx.savepoint(async |tx| {
            let undone: Result<(), Error> = tx
                .savepoint(async |tx| {
                    note(tx, 1, 3).await?;
                    Err(Error::Closed)
                })
                .await;
            assert!(undone.is_err());
            note(tx, 1, 4).await?;
            Ok::<_, Error>(())
        })
        .await
    })
    .await
    .unwrap();
    assert_eq!(fixture.parts(1).await, [1, 4]);
    drop(db);
    fixture.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_wait_for_each_other() {
    let fixture = Fixture::new().await;
    let tasks = (1..=20).map(|id| {
        let mut session = fixture.db.session();
        tokio::spawn(async move {
            write_and(&mut session, id, false).await.is_err()
                && write(&mut session, id).await.is_ok()
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert!(task.await.unwrap());
    }
    for id in 1..=20 {
        assert_eq!(fixture.parts(id).await, [1, 2], "{id}");
    }
    fixture.ends().await;
}

#[tokio::test]
async fn a_lease_can_be_cut_at_every_poll() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    let mut id = 1;
    for cut in [Interrupt::Drop, Interrupt::Panic] {
        for polls in 0.. {
            id += 2;
            let whole = cut.after(polls, write(&mut fixture.db.session(), id)).await;
            let parts = fixture.parts(id).await;
            assert!(parts.is_empty() || parts == [1, 2], "{polls} polls: {parts:?}");
            assert!(whole.is_none() || parts == [1, 2], "{polls} polls: {parts:?}");
            let alone = cut.after(polls, write_alone(&mut fixture.db.session(), id + 1)).await;
            let parts = fixture.parts(id + 1).await;
            assert!([1, 2].starts_with(&parts), "{polls} polls: {parts:?}");
            assert_eq!(fixture.parts(1).await, [1, 2], "{polls} polls");
            if whole.is_some() && alone.is_some() {
                assert!(polls > 0, "it was never cut");
                break;
            }
        }
    }
    fixture.ends().await;
}

#[handler]
#[tokio::test]
async fn streams_can_be_dropped_half_way() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        note(conn, 2, 1).await?;
        let mut rows = sqlx::query_scalar::<_, i64>("SELECT part FROM notes").fetch(conn);
        assert_eq!(rows.try_next().await?, Some(1));
        drop(rows);
        note(conn, 2, 2).await?;
        let mut rows = sqlx::query_scalar::<_, i64>("SELECT part FROM notes").fetch(conn);
        assert_eq!(rows.try_next().await?, Some(1));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!((fixture.parts(1).await, fixture.parts(2).await), (vec![1, 2], vec![1, 2]));
    drop(db);
    fixture.ends().await;
}

#[tokio::test]
async fn a_lease_is_cut_at_its_bound_alone() {
    let mut fixture = Fixture::new().await;
    let builder = fixture.scratch.builder().max_lease(SOON);
    fixture.db = builder.test_transaction().connect().await.unwrap();
    wait::until("a write within the bound", async || {
        write(&mut fixture.db.session(), 1).await.is_ok()
    })
    .await;
    let expired = for_ever(&mut fixture.db.session(), 2).await.unwrap_err();
    assert!(matches!(expired, Error::LeaseExpired { .. }), "{expired:?}");
    assert_eq!((fixture.parts(1).await, fixture.parts(2).await), (vec![1, 2], vec![]));
    fixture.ends().await;
}

#[tokio::test]
async fn a_revoked_lease_takes_all_with_it() {
    let mut fixture = Fixture::new().await;
    fixture.db =
        fixture.scratch.builder().max_lease(SOON).test_transaction().connect().await.unwrap();
    let mut session = fixture.db.session();
    let mut forgotten = Box::pin(for_ever(&mut session, 1));
    tokio::select! {
        biased;
        done = &mut forgotten => panic!("it has no end: {done:?}"),
        () = wait::until("the lease", async || fixture.db.leases().iter().any(|l| l.in_query)) => {}
    }
    wait::until("its end", async || fixture.db.leases().is_empty()).await;
    let lost = write(&mut fixture.db.session(), 2).await.unwrap_err().to_string();
    assert!(lost.contains("setting `test_transaction`") && lost.contains("lost"), "{lost}");
    std::mem::forget(forgotten);
    assert_eq!(fixture.seen_outside().await, 0);
}

#[tokio::test]
async fn a_panicking_test_leaves_nothing() {
    let fixture = Fixture::new().await;
    let db = fixture.db.clone();
    let test = tokio::spawn(async move {
        write(&mut db.session(), 1).await.unwrap();
        // In the middle of another, too.
        let mut session = db.session();
        let _ = Interrupt::Drop.after(2, pin!(write(&mut session, 2))).await;
        std::panic::resume_unwind(Box::new("an assertion"));
    });
    assert!(test.await.unwrap_err().is_panic());
    fixture.ends().await;
}

#[test]
fn a_forgotten_handle_leaves_nothing() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let fixture = runtime().block_on(async {
        let fixture = Fixture::new().await;
        let db = fixture.db.clone();
        tokio::spawn(async move {
            write(&mut db.session(), 1).await.unwrap();
            pending::<()>().await;
        });
        wait::until("the write", async || fixture.parts(1).await == [1, 2]).await;
        fixture
    });
    drop(runtime().block_on(fixture.ends()));
}

#[tokio::test]
async fn closing_ends_it() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    assert!(fixture.db.close(SOON).await.revoked.is_empty());
    assert!(matches!(write(&mut fixture.db.session(), 2).await, Err(Error::Closed)));
    fixture.ends().await;
}

#[tokio::test]
async fn migrations_are_rolled_back_too() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    fixture.db.migrate(&MIGRATIONS).await.unwrap();
    let tool = || sqlx::query("INSERT INTO tools VALUES (1, 'one', 10)");
    fixture.db.session().execute(tool()).await.unwrap();
    assert_eq!(fixture.parts(1).await, [1, 2]);
    let mut outside = outside(&fixture.scratch.url()).await;
    let missing = tool().execute(&mut outside).await;
    outside.close().await.unwrap();
    assert!(missing.unwrap_err().into_database_error().is_some());
    fixture.ends().await;
}

#[tokio::test]
async fn a_dedicated_connection_is_refused() {
    let fixture = Fixture::new().await;
    let refused = fixture.db.dedicated("a test").await.unwrap_err().to_string();
    assert!(refused.contains("setting `test_transaction`"), "{refused}");
}

type Raw = <Database as sqlx::Database>::Connection;

async fn commits_by_itself(raw: &mut Raw) -> Result<(), sqlx::Error> {
    let mut tx = raw.begin().await?;
    sqlx::query("INSERT INTO notes VALUES (2, 1)").execute(&mut *tx).await?;
    tx.commit().await?;
    let mut tx = raw.begin().await?;
    sqlx::query("INSERT INTO notes VALUES (2, 2)").execute(&mut *tx).await?;
    Ok(())
}

async fn fails(raw: &mut Raw) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT no_such_column").execute(raw).await?;
    Ok(())
}

#[handler]
#[tokio::test]
async fn unchecked_code_cannot_commit() {
    let fixture = Fixture::new().await;
    write(&mut fixture.db.session(), 1).await.unwrap();
    let mut db = fixture.db.session();
    db.lease(async |conn| conn.unchecked("a test", commits_by_itself).await).await.unwrap();
    assert_eq!((fixture.parts(1).await, fixture.parts(2).await), (vec![1, 2], vec![1]));
    db.lease(async |conn| conn.unchecked("a test", fails).await).await.unwrap_err();
    assert_eq!((fixture.parts(1).await, fixture.parts(2).await), (vec![1, 2], vec![1]));
    drop(db);
    fixture.ends().await;
}

#[tokio::test]
async fn over_a_pool_it_gives_nothing_back_but_the_place() {
    let mut fixture = Fixture::new().await;
    let pool = pool(&fixture.scratch.url()).await;
    fixture.db = Db::builder_from_pool(pool.clone()).test_transaction().connect_lazy().unwrap();
    write(&mut fixture.db.session(), 1).await.unwrap();
    assert_eq!(fixture.parts(1).await, [1, 2]);
    let one = pool.acquire().await.unwrap();
    assert!(pool.try_acquire().is_none(), "one connection is the handle's");
    drop(one);
    let _scratch = fixture.ends().await;
    let both = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    drop(both);
    pool.close().await;
}

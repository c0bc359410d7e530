//! A handle on a database in memory: statements that do not end, closing, tenants, pragmas.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, TryFutureExt};
use shortlease::{Conn, Db, Error, Session, Sqlite, handler};
use shortlease_tests::wait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Executor, SqlitePool};
use tokio::time::timeout;

const LONG: Duration = Duration::from_secs(60);

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query_scalar(
            "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n)
             SELECT count(*) FROM n",
        )
        .fetch_one(conn)
        .await
    })
    .await
}

#[tokio::test]
async fn a_statement_that_would_not_end_is_stopped() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(1).connect().await.unwrap();
    let mut session = db.session();
    let cut = timeout(Duration::from_millis(50), count(&mut session)).await;
    assert!(cut.is_err());
    assert!(db.leases().is_empty());
    // On the same connection or another: the first would answer nothing while it counts.
    let one = session.fetch_one(sqlx::query_scalar::<_, i64>("SELECT 1")).await.unwrap();
    assert_eq!(one, 1);
}

#[handler]
async fn read(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let endless =
            "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n) SELECT n FROM n";
        let mut rows = sqlx::query(endless).fetch(conn);
        while rows.try_next().await?.is_some() {}
        Ok(())
    })
    .await
}

/// Far above what a cut takes, and far below what reading all rows takes.
#[tokio::test]
async fn rows_that_come_faster_than_they_are_read_are_cut() {
    let limit = Duration::from_millis(300);
    let builder = Db::<Sqlite>::builder("sqlite::memory:").max_connections(1).max_lease(limit);
    let db = builder.connect().await.unwrap();
    let began = Instant::now();
    let expired = read(&mut db.session()).await;
    assert!(matches!(expired, Err(Error::LeaseExpired { .. })), "{expired:?}");
    assert!(timeout(limit / 2, read(&mut db.session())).await.is_err());
    assert!(began.elapsed() < 10 * limit, "{:?}", began.elapsed());
}

#[handler]
async fn look(db: &mut Session<Sqlite>, endless: bool) -> Result<i64, Error> {
    db.snapshot(async |conn| {
        let count = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n LIMIT $1)
                     SELECT count(*) FROM n";
        let limit = if endless { -1 } else { 1 };
        sqlx::query_scalar(count).bind(limit).fetch_one(conn).await
    })
    .await
}

async fn refuses_writes(db: &Db<Sqlite>) {
    let write = db.session().execute(sqlx::query("CREATE TABLE t (a)")).await.unwrap_err();
    assert!(write.to_string().contains("readonly"), "{write}");
}

#[tokio::test]
async fn connections_that_are_always_read_only_stay_so() {
    let one = || Db::<Sqlite>::builder("sqlite::memory:").max_connections(1);
    let read_only = "PRAGMA query_only = 1";
    let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_lazy_with(options.pragma("query_only", "1"));
    for builder in [
        one().setting("query_only", "1"),
        one().after_connect(move |raw| raw.execute(read_only).map_ok(drop).boxed()),
        Db::builder_from_pool(pool),
    ] {
        let db = builder.connect_lazy().unwrap();
        refuses_writes(&db).await;
        look(&mut db.session(), false).await.unwrap();
        refuses_writes(&db).await;
        let cut = timeout(Duration::from_millis(50), look(&mut db.session(), true)).await;
        assert!(cut.is_err(), "{cut:?}");
        wait::until("its recovery", async || db.status().recovering == 0).await;
        refuses_writes(&db).await;
    }
}

#[tokio::test]
async fn a_closed_handle_opens_no_lease() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").connect().await.unwrap();
    let one = sqlx::query_scalar::<_, i64>("SELECT 1");
    assert_eq!(db.session().fetch_one(one).await.unwrap(), 1);
    assert!(db.close(LONG).await.revoked.is_empty());
    let one = sqlx::query_scalar::<_, i64>("SELECT 1");
    assert!(matches!(db.session().fetch_one(one).await, Err(Error::Closed)));
    assert!(matches!(db.migrate(&Migrator::DEFAULT).await, Err(Error::Closed)));
}

#[tokio::test]
async fn there_are_no_tenants() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").connect().await.unwrap();
    let one = sqlx::query_scalar::<_, i64>("SELECT 1");
    let refused = db.session().tenant("acme").fetch_one(one).await;
    assert!(matches!(refused, Err(Error::Setting { setting: "tenant", .. })));
}

/// Swaps the connection of a lease of its own for its caller's.
#[handler]
async fn swap(db: &mut Session<Sqlite>, theirs: &mut Conn<Sqlite>) -> Result<(), Error> {
    db.lease(async |own| {
        std::mem::swap(own, theirs);
        Ok(())
    })
    .await
}

#[handler]
async fn swap_by_hand(db: &Db<Sqlite>) -> Result<(), Error> {
    let (mut session, mut other) = (db.session(), db.session());
    session
        .lease(async |conn| {
            // A handler cannot be awaited in a lease, but polled.
            swap(&mut other, conn).now_or_never().expect("an idle connection")?;
            assert_eq!(db.status().idle, 0, "nobody else gets the connection of this lease");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn connections_that_two_leases_swapped_are_closed() {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(2).connect().await.unwrap();
    let (mut one, mut two) = (db.session(), db.session());
    let select = || sqlx::query("SELECT 1");
    let (one, two) = tokio::join!(one.fetch_one(select()), two.fetch_one(select()));
    one.and(two).unwrap();
    wait::until("two connections that are idle", async || db.status().idle == 2).await;
    swap_by_hand(&db).await.unwrap();
    assert_eq!(db.status().idle, 0);
    db.session().fetch_one(select()).await.unwrap();
}

#[tokio::test]
async fn pragmas_are_set_on_connections_of_its_own_only() {
    let settings = Db::<Sqlite>::builder("sqlite::memory:").setting("CACHE_SIZE", "-1234");
    let db = settings.connect().await.unwrap();
    let size = sqlx::query_scalar::<_, i64>("PRAGMA cache_size");
    assert_eq!(db.session().fetch_one(size).await.unwrap(), -1234);
    let pool = SqlitePool::connect_lazy("sqlite::memory:").unwrap();
    for settings in [
        Db::builder_from_pool(pool).setting("cache_size", "-1234"),
        Db::builder("sqlite::memory:").setting("cache_size; DROP TABLE notes", "1"),
        Db::builder("sqlite::memory:").setting("cache_size", "1; DROP TABLE notes"),
    ] {
        let refused = settings.connect_lazy();
        assert!(matches!(refused, Err(Error::Setting { setting: "setting", .. })), "{refused:?}");
    }
    // SQLite itself says nothing.
    let misspelt = Db::<Sqlite>::builder("sqlite::memory:").setting("foreign_key", "1");
    let refused = misspelt.connect().await;
    assert!(matches!(refused, Err(Error::Setting { setting: "setting", .. })), "{refused:?}");
}

/// It tells whoever waits, instead of beginning the next one at once.
#[tokio::test]
async fn a_connect_that_panics_is_the_error_of_a_lease() {
    let connects = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connects);
    let db = Db::<Sqlite>::builder("sqlite::memory:")
        .after_connect(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose")
        })
        .connect_lazy()
        .unwrap();
    let error = read(&mut db.session()).await.unwrap_err();
    assert!(
        matches!(error, Error::Connect(_)) && error.to_string().contains("panicked"),
        "{error}"
    );
    assert_eq!(connects.load(Ordering::Relaxed), 1);
}

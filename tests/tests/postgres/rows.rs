//! Rows that come faster than they are read: a lease that reads them still gives way, and can be cut.

use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt};
use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::scratch::builder;
use shortlease_tests::wait;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_millis(500);

/// Far above what a cut takes, and far below what reading all rows takes.
const CUT: Duration = Duration::from_secs(3);

#[handler]
async fn count(db: &mut Session<Postgres>) -> Result<u64, Error> {
    db.lease(async |conn| {
        let mut rows = sqlx::query("SELECT generate_series(1, 1000000000)").fetch(conn);
        let mut count = 0;
        while rows.try_next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    })
    .await
}

#[handler]
async fn first(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        let mut rows = sqlx::query("SELECT generate_series(1, 1000000000)").fetch(conn);
        rows.try_next().await?;
        Ok(())
    })
    .await
}

/// One row is wanted, and all come.
async fn one_of_many(db: &mut Session<Postgres>) -> Result<u64, Error> {
    let many = sqlx::query("SELECT generate_series(1, 1000000000)");
    db.fetch_one(many).await.map(|_| 1)
}

async fn is_cut(db: &Db<Postgres>) {
    let (mut all, mut one) = (db.session(), db.session());
    let counted: [BoxFuture<'_, _>; 2] = [count(&mut all).boxed(), one_of_many(&mut one).boxed()];
    for rows in counted {
        let began = Instant::now();
        let cut = timeout(LIMIT, rows).await;
        assert!(cut.is_err(), "{cut:?}");
        assert!(began.elapsed() < CUT, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn the_callers_time_limit_cuts_them() {
    let db = builder("rows_timeout").await.1.connect_lazy().unwrap();
    is_cut(&db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_cuts_them_with_several_workers_too() {
    let db = builder("rows_workers").await.1.connect_lazy().unwrap();
    is_cut(&db).await;
}

#[tokio::test]
async fn max_lease_cuts_them() {
    let db = builder("rows_max_lease").await.1.max_lease(LIMIT).connect_lazy().unwrap();
    let began = Instant::now();
    let cut = count(&mut db.session()).await;
    assert!(matches!(cut, Err(Error::LeaseExpired { setting: "max_lease", .. })), "{cut:?}");
    assert!(began.elapsed() < CUT, "{:?}", began.elapsed());
}

#[tokio::test]
async fn others_run_meanwhile() {
    let db = builder("rows_others").await.1.connect_lazy().unwrap();
    let mut session = db.session();
    let reading = tokio::spawn(async move { count(&mut session).await });
    wait::until("a lease", async || db.leases().iter().any(|lease| lease.in_query)).await;
    for _ in 0..10 {
        let began = Instant::now();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
    }
    reading.abort();
}

/// The rest of the rows is not read to its end: it would take minutes.
#[tokio::test]
async fn a_connection_whose_rows_still_come_is_recovered_at_once() {
    let (server, builder) = builder("rows_recovered").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    first(&mut db.session()).await.unwrap();
    let began = Instant::now();
    let next = db.session().fetch_one(sqlx::query_scalar::<_, i32>("SELECT 1")).await;
    assert_eq!(next.unwrap(), 1);
    wait::until("the end of the statement", async || {
        let sessions = server.sessions("rows_recovered").await;
        db.status().recovering == 0
            && sessions.iter().all(|session| session.state.as_deref() == Some("idle"))
    })
    .await;
    assert!(began.elapsed() < CUT, "{:?}", began.elapsed());
}

//! Leases that nobody polls although the database has answered.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::{join_all, poll_fn};
use futures_util::stream::{self, StreamExt};
use shortlease::{Db, Error, Postgres, Revocation, Session, handler};
use shortlease_tests::handlers::sleep;
use shortlease_tests::scratch::builder;
use shortlease_tests::wait;
use std::task::Poll;

use crate::telemetry::Book;

type Parked = Vec<Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>>;

#[handler]
async fn two_statements(mut db: Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT pg_sleep(0.01)").execute(&mut *conn).await?;
        sqlx::query("SELECT pg_sleep(0.01)").execute(conn).await?;
        Ok(())
    })
    .await
}

/// Leases that are open, in the middle of a statement, and polled by nobody any more.
async fn park(db: &Db<Postgres>, count: usize) -> Parked {
    let mut parked: Parked = Vec::new();
    for nth in 1..=count {
        let mut lease = Box::pin(two_statements(db.session()));
        poll_fn(|cx| {
            assert!(lease.as_mut().poll(cx).is_pending());
            match db.leases().len() == nth {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        parked.push(lease);
    }
    parked
}

fn is_stalled(outcome: &Result<(), Error>) -> bool {
    matches!(outcome, Err(Error::LeaseRevoked { reason: Revocation::Stalled, .. }))
}

#[tokio::test]
async fn others_wait_no_longer_than_a_stall() {
    let (_, builder) = builder("stalled_all").await;
    let db = builder.max_connections(4).connect_lazy().unwrap();
    let parked = park(&db, 4).await;
    let began = Instant::now();
    let mut others: Vec<_> = (0..8).map(|_| db.session()).collect();
    for outcome in join_all(others.iter_mut().map(|other| sleep(other, 0.0))).await {
        outcome.unwrap();
    }
    let waited = began.elapsed();
    println!("others waited {waited:?} for leases that nobody polls");
    assert!(waited <= Duration::from_millis(1500), "{waited:?}");
    // Once nobody waits any more, the others may stay.
    let outcomes = join_all(parked).await;
    assert!(outcomes.iter().any(is_stalled), "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| outcome.is_ok() || is_stalled(outcome)), "{outcomes:?}");
}

#[tokio::test]
async fn a_stalled_lease_is_reported_even_if_nobody_waits() {
    let book = Book::installed();
    let (_, builder) = builder("stalled_alone").await;
    let builder = builder.name("stalled_alone").stall_timeout(Duration::from_millis(200));
    let db = builder.connect_lazy().unwrap();
    let parked = park(&db, 1).await;
    let reported = || book.sum("stalled_alone", &["shortlease.lease.stalled", "two_statements"]);
    wait::until("a report", async || reported() > 0.0).await;
    // Once, and it goes on where it was.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(reported(), 1.0);
    for outcome in join_all(parked).await {
        outcome.unwrap();
    }
}

#[tokio::test]
async fn without_the_setting_nobody_is_stalled() {
    let (_, builder) = builder("stalled_never").await;
    let builder = builder.max_connections(1).stall_timeout(None);
    let db = builder.acquire_timeout(Duration::from_millis(1500)).connect_lazy().unwrap();
    let parked = park(&db, 1).await;
    let waited = sleep(&mut db.session(), 0.0).await;
    assert!(matches!(waited, Err(Error::Busy(_))), "{waited:?}");
    for outcome in join_all(parked).await {
        outcome.unwrap();
    }
}

/// Waits on the database for longer than `stall_timeout`, which is no stall.
#[tokio::test]
async fn a_slow_statement_is_not_a_stall() {
    let (_, builder) = builder("stalled_slow").await;
    let builder = builder.max_connections(1).stall_timeout(Duration::from_millis(100));
    let db = builder.connect_lazy().unwrap();
    let (mut one, mut other) = (db.session(), db.session());
    let (one, other) = tokio::join!(sleep(&mut one, 1.0), sleep(&mut other, 0.0));
    one.unwrap();
    other.unwrap();
}

/// The tasks of this runtime wait for longer than `stall_timeout` until they are polled, all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_runtime_loses_no_lease() {
    const BUSY: Duration = Duration::from_secs(4);
    let (_, builder) = builder("stalled_busy").await;
    let stall_timeout = Duration::from_millis(200);
    let builder = builder.max_connections(2).stall_timeout(stall_timeout);
    let limits = builder.acquire_timeout(wait::LIMIT).max_lease(wait::LIMIT);
    let db = limits.connect_lazy().unwrap();
    let began = Instant::now();
    let spinners = (0..60).map(|_| {
        tokio::spawn(async move {
            while began.elapsed() < BUSY {
                let turn = Instant::now();
                while turn.elapsed() < Duration::from_millis(20) {}
                tokio::task::yield_now().await;
            }
        })
    });
    let spinners: Vec<_> = spinners.collect();
    let leases = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut longest = Duration::ZERO;
            while began.elapsed() < BUSY {
                let lease = Instant::now();
                two_statements(db.session()).await.unwrap();
                longest = longest.max(lease.elapsed());
            }
            longest
        })
    });
    let leases: Vec<_> = leases.collect();
    let longest = join_all(leases).await.into_iter().map(Result::unwrap).max().unwrap();
    join_all(spinners).await.into_iter().for_each(Result::unwrap);
    assert!(longest > 2 * stall_timeout, "too idle to show anything: {longest:?}");
}

/// Each item stands in the queue, and is polled when the loop's body is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiters_that_nobody_polls_cost_others_little() {
    let (_, builder) = builder("stalled_waiters").await;
    let db = builder.max_connections(4).connect_lazy().unwrap();
    let began = Instant::now();
    let stream = {
        let db = db.clone();
        tokio::spawn(async move {
            let items = (0..200).map(|_| two_statements(db.session()));
            let mut items = stream::iter(items).buffer_unordered(100);
            // Who waited too long in there has failed, as is to be expected.
            while began.elapsed() < Duration::from_secs(7) && items.next().await.is_some() {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        })
    };
    let mut longest = Duration::ZERO;
    while !stream.is_finished() {
        let asked = Instant::now();
        sleep(&mut db.session(), 0.0).await.unwrap();
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stream.await.unwrap();
    println!("the longest wait beside 100 waiters that nobody polls: {longest:?}");
    assert!(longest <= Duration::from_secs(1), "{longest:?}");
}

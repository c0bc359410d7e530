//! The end of the runtime that connections were made in.

use std::pin::Pin;

use shortlease::Error;
use shortlease_tests::wait;
use tokio::runtime::{Builder, Runtime};

use super::fixture::{Fixture, Gate, hold_lease, hold_transaction};
use super::poll::poll_until;

type Lease = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A fixture whose runtime is gone, and a lease and a transaction that were open in it.
fn orphans() -> (Fixture, [Lease; 2]) {
    let runtime = runtime();
    runtime.block_on(async {
        let fixture = Fixture::with_tools().await;
        let gate = Gate::default();
        let mut lease: Lease = Box::pin(hold_lease(fixture.db.session(), gate.clone()));
        assert!(poll_until(lease.as_mut(), || gate.entered()).await.is_none());
        let gate = Gate::default();
        let mut transaction: Lease = Box::pin(hold_transaction(fixture.db.session(), gate.clone()));
        assert!(poll_until(transaction.as_mut(), || gate.entered()).await.is_none());
        (fixture, [lease, transaction])
    })
}

#[test]
fn leases_can_be_dropped_outside_of_any_runtime() {
    let (fixture, leases) = orphans();
    assert_eq!(fixture.db.leases().len(), 2);
    drop(leases);
    assert_eq!(fixture.db.leases().len(), 0);
    drop(fixture);
}

#[test]
fn the_next_runtime_can_go_on() {
    let (fixture, leases) = orphans();
    drop(leases);
    runtime().block_on(async {
        fixture.is_whole().await;
        assert_eq!(fixture.number("SELECT count(*) FROM tools").await, 3);
    });
}

#[test]
fn an_idle_connection_of_a_dead_runtime_does_no_harm() {
    let before = runtime();
    let fixture = before.block_on(async {
        let fixture = Fixture::with_tools().await;
        fixture.is_whole().await;
        fixture
    });
    drop(before);
    runtime().block_on(async {
        let count = async || {
            let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tools");
            fixture.db.session().fetch_one(count).await
        };
        // Each may be found dead at its first use, which is its borrowing where it is one of a pool of `sqlx`: that has
        // asked it for a sign of life, and the answer may be there before the runtime is missed.
        wait::until("a live connection", async || match count().await {
            Ok(count) => count == 3,
            Err(Error::Database(sqlx::Error::Io(_)) | Error::Connect(sqlx::Error::Io(_))) => false,
            Err(error) => panic!("{error:?}"),
        })
        .await;
    });
}

#[test]
fn a_handle_outlives_its_runtime() {
    let (fixture, leases) = orphans();
    drop(leases);
    let session = fixture.db.session();
    assert!(format!("{:?} {session:?}", fixture.db).contains("Session"));
    drop((fixture, session));
}

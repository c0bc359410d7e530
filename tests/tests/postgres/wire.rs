//! What a lease costs, counted on the wire.

use std::time::Duration;

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::counts::{Counts, Messages};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::scratch::behind_proxy;

#[handler]
async fn query(db: &mut Session<Postgres>) -> Result<i32, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

#[handler]
async fn nothing(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |_conn| Ok(())).await
}

#[handler]
async fn transaction(db: &mut Session<Postgres>) -> Result<i32, Error> {
    db.transaction(async |tx| sqlx::query_scalar("SELECT 1").fetch_one(tx).await).await
}

/// A warm pool of one behind a proxy, which never validates during a test.
async fn warm(name: &str) -> (Proxy, Db<Postgres>) {
    let (_, proxy, url) = behind_proxy(name).await;
    let db = Db::builder(url)
        .max_connections(1)
        .validate_after(Duration::from_secs(600))
        .connect_lazy()
        .unwrap();
    query(&mut db.session()).await.unwrap();
    (proxy, db)
}

/// How many tasks live in this runtime.
fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn a_clean_release_sends_nothing_and_spawns_nothing() {
    let (proxy, db) = warm("wire_clean").await;
    let mut session = db.session();
    let (before, alive) = (proxy.counts(), tasks());
    for _ in 0..100 {
        nothing(&mut session).await.unwrap();
        assert_eq!(tasks(), alive);
    }
    // Whatever was sent late would be counted before this answer arrives.
    query(&mut session).await.unwrap();
    let spent = proxy.counts() - before;
    assert_eq!(spent.round_trips, 1, "{spent:?}");
    assert_eq!(spent.connections, 0);
}

#[tokio::test]
async fn a_query_costs_one_round_trip() {
    let (proxy, db) = warm("wire_query").await;
    let mut session = db.session();
    let (before, alive) = (proxy.counts(), tasks());
    for _ in 0..10 {
        query(&mut session).await.unwrap();
        assert_eq!(tasks(), alive);
    }
    let spent: Counts = proxy.counts() - before;
    assert_eq!(spent.round_trips, 10);
    let expected = Messages { bind: 10, execute: 10, close: 10, sync: 10, ..Messages::default() };
    assert_eq!(spent.messages, expected);
}

#[tokio::test]
async fn a_transaction_of_one_query_costs_three_round_trips() {
    let (proxy, db) = warm("wire_transaction").await;
    let mut session = db.session();
    transaction(&mut session).await.unwrap();
    let (before, alive) = (proxy.counts(), tasks());
    transaction(&mut session).await.unwrap();
    assert_eq!(tasks(), alive);
    query(&mut session).await.unwrap();
    assert_eq!((proxy.counts() - before).round_trips, 3 + 1);
}

#[tokio::test]
async fn a_tenant_costs_no_round_trip() {
    let (proxy, db) = warm("wire_tenant").await;
    let mut session = db.session().tenant("acme");
    transaction(&mut session).await.unwrap();
    let before = proxy.counts();
    transaction(&mut session).await.unwrap();
    assert_eq!((proxy.counts() - before).round_trips, 3);
}

#[tokio::test]
async fn an_idle_connection_is_validated_only_after_a_while() {
    let (_, proxy, url) = behind_proxy("wire_validate").await;
    let db =
        Db::builder(url).max_connections(1).validate_after(Duration::ZERO).connect_lazy().unwrap();
    let mut session = db.session();
    query(&mut session).await.unwrap();
    let before = proxy.counts();
    query(&mut session).await.unwrap();
    assert_eq!((proxy.counts() - before).round_trips, 2);
}

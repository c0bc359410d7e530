//! How many connections there are while nobody needs them.

use std::time::Duration;

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::postgres::Server;
use shortlease_tests::scratch::{behind_proxy, builder};
use shortlease_tests::wait;

const LONG: Duration = Duration::from_secs(600);

#[handler]
async fn backend(db: &mut Session<Postgres>) -> Result<i32, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn).await).await
}

async fn until_sessions(server: &Server, name: &str, sessions: usize) {
    wait::until(&format!("{sessions} sessions"), async || {
        server.sessions(name).await.len() == sessions
    })
    .await;
}

#[tokio::test]
async fn none_before_the_first_lease_and_none_after_the_idle_timeout() {
    let (server, builder) = builder("idle_none").await;
    let db = builder.idle_timeout(Duration::from_millis(100)).connect().await.unwrap();
    until_sessions(server, "idle_none", 0).await;
    backend(&mut db.session()).await.unwrap();
    assert_eq!(server.sessions("idle_none").await.len(), 1);
    until_sessions(server, "idle_none", 0).await;
    // And again, after the maintenance task has gone to rest.
    backend(&mut db.session()).await.unwrap();
    until_sessions(server, "idle_none", 0).await;
}

#[tokio::test]
async fn a_connection_in_use_stays() {
    let (server, builder) = builder("idle_used").await;
    let db = builder.max_connections(1).idle_timeout(Duration::from_millis(300)).connect_lazy();
    let db = db.unwrap();
    let mut session = db.session();
    let first = backend(&mut session).await.unwrap();
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        backend(&mut session).await.unwrap();
    }
    // Busy for twice the idle timeout; on a slow machine a gap may close it, which is no fault.
    let last = backend(&mut session).await.unwrap();
    println!("the same connection: {}", first == last);
    assert_eq!(server.sessions("idle_used").await.len(), 1);
}

#[tokio::test]
async fn some_are_kept_for_those_who_want_it_warm() {
    let (server, builder) = builder("idle_warm").await;
    let db = builder
        .max_connections(4)
        .min_idle(2)
        .validate_after(Duration::ZERO)
        .idle_timeout(Duration::from_millis(100))
        .connect_lazy()
        .unwrap();
    until_sessions(server, "idle_warm", 2).await;
    let (mut a, mut b, mut c) = (db.session(), db.session(), db.session());
    let (a, b, c) = tokio::join!(backend(&mut a), backend(&mut b), backend(&mut c));
    a.unwrap();
    b.unwrap();
    c.unwrap();
    until_sessions(server, "idle_warm", 2).await;
    // Cut by the server: replaced.
    let mut admin = server.admin().await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'idle_warm'";
    let before: Vec<_> = server.sessions("idle_warm").await.iter().map(|s| s.pid).collect();
    sqlx::query(cut).execute(&mut admin).await.unwrap();
    backend(&mut db.session()).await.unwrap();
    wait::until("two others", async || {
        let now = server.sessions("idle_warm").await;
        now.len() == 2 && now.iter().all(|s| !before.contains(&s.pid))
            || backend(&mut db.session()).await.is_err()
    })
    .await;
}

#[tokio::test]
async fn old_connections_are_replaced() {
    let (server, builder) = builder("idle_old").await;
    let db = builder.max_lifetime(Duration::from_millis(100)).connect_lazy().unwrap();
    let first = backend(&mut db.session()).await.unwrap();
    wait::until("another connection", async || backend(&mut db.session()).await.unwrap() != first)
        .await;
    // Closed by their age too, with the idle timeout far away.
    until_sessions(server, "idle_old", 0).await;
}

#[tokio::test]
async fn silent_connections_are_asked_for_a_sign_of_life() {
    let (_, proxy, url) = behind_proxy("idle_kept").await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(2))
        .keepalive(Duration::from_millis(50))
        .connect_lazy()
        .unwrap();
    backend(&mut db.session()).await.unwrap();
    let before = proxy.counts();
    wait::until("signs of life", async || (proxy.counts() - before).messages.sync >= 3).await;
    assert_eq!((proxy.counts() - before).connections, 0);
    // One that does not answer is closed, and its slot is free.
    proxy.pause();
    wait::until("a goodbye", async || (proxy.counts() - before).messages.terminate == 1).await;
    proxy.resume();
    let (mut a, mut b) = (db.session(), db.session());
    let (a, b) = tokio::join!(backend(&mut a), backend(&mut b));
    a.unwrap();
    b.unwrap();
}

#[tokio::test]
async fn without_work_there_is_nothing_to_wake_for() {
    let (server, builder) = builder("idle_rest").await;
    let db = builder.idle_timeout(Duration::from_millis(50)).connect_lazy().unwrap();
    backend(&mut db.session()).await.unwrap();
    until_sessions(server, "idle_rest", 0).await;
    let metrics = tokio::runtime::Handle::current().metrics();
    wait::until("rest", async || metrics.num_alive_tasks() == 1).await;
    // Only the maintenance task is left. Paused, time jumps from timer to timer: a task that ticks
    // would park the runtime at each tick.
    tokio::time::pause();
    let parked = metrics.worker_park_count(0);
    tokio::time::sleep(LONG).await;
    let parked = metrics.worker_park_count(0) - parked;
    assert!(parked < 20, "woken {parked} times");
    drop(db);
}

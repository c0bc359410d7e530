//! Closing a handle: nothing new, what is open may end, the rest is cut.

use std::process::Command;
use std::time::Duration;

use futures_util::FutureExt;
use shortlease::{Builder, Error, Postgres, Revocation};
use shortlease_tests::handlers::{in_query, sleep_in_transaction};
use shortlease_tests::postgres::Server;
use shortlease_tests::{scratch, wait};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

const LONG: Duration = Duration::from_secs(600);

async fn builder(name: &str) -> (&'static Server, Builder<Postgres>) {
    let (server, builder) = scratch::builder(name).await;
    (server, builder.max_lease(LONG))
}

#[tokio::test]
async fn open_leases_end_and_new_ones_are_refused() {
    let (server, builder) = builder("close_open").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    let run = |seconds: f64| {
        let mut session = db.session();
        tokio::spawn(async move { sleep_in_transaction(&mut session, seconds).await })
    };
    let open = run(0.5);
    in_query(&db, 1).await;
    let waiting = run(0.0);
    tokio::task::yield_now().await;
    let closing = {
        let db = db.clone();
        tokio::spawn(async move { db.close(LONG).await })
    };
    // Who waits is told at once, and so is who comes.
    assert!(matches!(waiting.await.unwrap(), Err(Error::Closed)));
    assert!(matches!(run(0.0).await.unwrap(), Err(Error::Closed)));
    assert!(!open.is_finished());
    open.await.unwrap().unwrap();
    assert!(closing.await.unwrap().revoked.is_empty());
    // The server takes leave a moment after it was told.
    wait::until("its sessions to end", async || server.sessions("close_open").await.is_empty())
        .await;
    // Again: at once, and without harm.
    assert!(db.close(LONG).await.revoked.is_empty());
}

#[tokio::test]
async fn what_is_open_at_the_deadline_is_cut() {
    let (server, builder) = builder("close_cut").await;
    let db = builder.max_connections(2).connect_lazy().unwrap();
    let polled = {
        let mut session = db.session();
        tokio::spawn(async move { sleep_in_transaction(&mut session, 600.0).await })
    };
    in_query(&db, 1).await;
    let leaked = Box::leak(Box::new(db.session()));
    let mut unpolled = Box::pin(sleep_in_transaction(leaked, 600.0));
    tokio::select! {
        biased;
        done = &mut unpolled => panic!("it sleeps: {done:?}"),
        () = wait::until("both", async || {
            db.leases().iter().filter(|holder| holder.in_query).count() == 2
        }) => {}
    }
    let (one, other) =
        tokio::join!(db.close(Duration::from_millis(50)), db.close(Duration::from_millis(50)));
    // Each is reported once.
    let cut: Vec<_> = one.revoked.iter().chain(&other.revoked).collect();
    assert_eq!(cut.len(), 2);
    let sleeper = "shortlease_tests::handlers::sleep_in_transaction";
    assert!(cut.iter().all(|lease| lease.site.function().as_deref() == Some(sleeper)));
    wait::until("no session", async || server.sessions("close_cut").await.is_empty()).await;
    for cut in [polled.await.unwrap(), unpolled.await] {
        match cut {
            Err(Error::LeaseRevoked { reason: Revocation::Closed, .. }) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_signal_closes_it_and_the_next_does_no_harm() {
    let (_, builder) = builder("close_signal").await;
    let db = builder.connect_lazy().unwrap();
    let mut signals = signal(SignalKind::user_defined1()).unwrap();
    let (told, mut heard) = mpsc::channel(2);
    let closing = db.clone();
    tokio::spawn(async move {
        while signals.recv().await.is_some() {
            let closed = closing.close(Duration::from_millis(100)).await;
            told.send(closed.revoked.len()).await.unwrap();
        }
    });
    let mut session = db.session();
    let open = tokio::spawn(async move { sleep_in_transaction(&mut session, 600.0).await });
    in_query(&db, 1).await;
    let mut cut = Vec::new();
    for _ in 0..2 {
        let this = std::process::id().to_string();
        assert!(Command::new("kill").args(["-USR1", &this]).status().unwrap().success());
        cut.push(heard.recv().await.unwrap());
    }
    assert_eq!(cut, [1, 0]);
    let open = open.await.unwrap();
    assert!(
        matches!(open, Err(Error::LeaseRevoked { reason: Revocation::Closed, .. })),
        "{open:?}"
    );
}

#[tokio::test]
async fn connections_being_made_are_closed_too() {
    let (server, builder) = builder("close_connecting").await;
    let db = builder.connect_lazy().unwrap();
    let mut session = db.session();
    {
        let mut lease = Box::pin(sleep_in_transaction(&mut session, 0.0));
        assert!((&mut lease).now_or_never().is_none());
        let closed = db.close(LONG).await;
        assert!(closed.revoked.is_empty());
        assert!(matches!(lease.await, Err(Error::Closed)));
    }
    wait::until("no session", async || server.sessions("close_connecting").await.is_empty()).await;
}

#[tokio::test]
async fn it_does_not_wait_for_what_is_revoked_meanwhile() {
    let (_, builder) = builder("close_revoked").await;
    let db = builder.max_lease(Duration::from_millis(300)).connect_lazy().unwrap();
    let mut session = db.session();
    let mut unpolled = Box::pin(sleep_in_transaction(&mut session, 600.0));
    tokio::select! {
        biased;
        done = &mut unpolled => panic!("it sleeps: {done:?}"),
        () = in_query(&db, 1) => {}
    }
    let closed = tokio::time::timeout(wait::LIMIT, db.close(LONG)).await.expect("an end");
    assert!(closed.revoked.is_empty(), "by the pool, not by the close");
}

#[tokio::test]
async fn a_connection_that_is_not_claimed_is_closed_too() {
    let (server, builder) = builder("close_unclaimed").await;
    let db = builder.connect_lazy().unwrap();
    let mut session = db.session();
    let mut unclaimed = Box::pin(sleep_in_transaction(&mut session, 0.0));
    assert!((&mut unclaimed).now_or_never().is_none());
    wait::until("a connection", async || {
        let sessions = server.sessions("close_unclaimed").await;
        sessions.iter().any(|s| s.query.contains("pg_backend_pid"))
    })
    .await;
    assert!(db.close(LONG).await.revoked.is_empty());
    wait::until("no session", async || server.sessions("close_unclaimed").await.is_empty()).await;
    assert!(matches!(unclaimed.await, Err(Error::Closed)));
}

#[tokio::test]
async fn who_has_lost_its_place_before_is_told() {
    let (_, builder) = builder("close_lapsed").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    let mut session = db.session();
    let mut lapsed = Box::pin(sleep_in_transaction(&mut session, 0.0));
    assert!((&mut lapsed).now_or_never().is_none());
    sleep_in_transaction(&mut db.session(), 0.0).await.unwrap();
    assert!(db.close(LONG).await.revoked.is_empty());
    assert!(matches!(lapsed.await, Err(Error::Closed)));
}

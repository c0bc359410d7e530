//! No lease waits longer than it may, none is open for longer than it may, and none loses its slot.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use shortlease::{Busy, Db, Error, Postgres, Revocation, Session, WaitPhase, handler};
use shortlease_tests::handlers::{create_notes, in_query, note_and_sleep, notes, sleep};
use shortlease_tests::postgres::{SUPERUSER, Server};
use shortlease_tests::scratch::{behind_proxy, builder};
use shortlease_tests::wait;
use sqlx::{Connection, PgConnection};

const LONG: Duration = Duration::from_secs(600);

fn busy(result: Result<(), Error>) -> Busy {
    match result {
        Err(Error::Busy(busy)) => *busy,
        other => panic!("not busy: {other:?}"),
    }
}

#[tokio::test]
async fn waiting_in_the_queue_ends_with_the_figures() {
    let (_, builder) = builder("limits_queue").await;
    let db = builder
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(3))
        .max_lease(LONG)
        .connect_lazy()
        .unwrap();
    let holders: Vec<_> = (0..4)
        .map(|_| {
            let mut session = db.session();
            tokio::spawn(async move { sleep(&mut session, 600.0).await })
        })
        .collect();
    in_query(&db, 4).await;
    let busy = busy(sleep(&mut db.session(), 0.0).await);
    assert_eq!(busy.phase, WaitPhase::Queue);
    assert!(busy.waited >= Duration::from_secs(3));
    assert_eq!((busy.max, busy.used, busy.idle, busy.waiting), (4, 4, 0, 0));
    assert_eq!(busy.holders.len(), 3);
    assert!(busy.holders.iter().all(|holder| holder.in_query));
    assert!(busy.holders.is_sorted_by(|a, b| a.age >= b.age));
    let text = Error::from(Box::new(busy)).to_string();
    assert!(text.contains("`acquire_timeout`"), "{text}");
    assert!(text.contains("shortlease_tests::handlers::sleep (tests/src/handlers.rs:"), "{text}");
    assert!(text.contains("in a query"), "{text}");
    for holder in holders {
        holder.abort();
    }
}

#[tokio::test]
async fn connecting_ends_with_its_phase_and_loses_no_slot() {
    let (_, proxy, url) = behind_proxy("limits_connect").await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(200))
        .connect_timeout(Duration::from_millis(400))
        .connect_lazy()
        .unwrap();
    proxy.pause();
    assert_eq!(busy(sleep(&mut db.session(), 0.0).await).phase, WaitPhase::Connect);
    // The connect has its own time limit, and frees its slot: the next one connects again.
    wait::until("another connect", async || match sleep(&mut db.session(), 0.0).await {
        Err(Error::Connect(_)) => true,
        other => busy(other).phase == WaitPhase::Connect,
    })
    .await;
    proxy.resume();
    wait::until("the slot", async || sleep(&mut db.session(), 0.0).await.is_ok()).await;
}

#[tokio::test]
async fn connecting_to_keep_warm_ends_with_its_phase() {
    let (_, proxy, url) = behind_proxy("limits_warm").await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(1)
        .min_idle(1)
        .acquire_timeout(Duration::from_millis(200))
        .connect_timeout(LONG)
        .connect_lazy()
        .unwrap();
    proxy.pause();
    // It begins before the lease asks for the place.
    tokio::task::yield_now().await;
    assert_eq!(busy(sleep(&mut db.session(), 0.0).await).phase, WaitPhase::Connect);
    proxy.resume();
    wait::until("the slot", async || sleep(&mut db.session(), 0.0).await.is_ok()).await;
}

#[tokio::test]
async fn validating_ends_with_its_phase_and_loses_no_slot() {
    let (_, proxy, url) = behind_proxy("limits_validate").await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(400))
        .connect_timeout(Duration::from_millis(400))
        .validate_after(Duration::ZERO)
        .connect_lazy()
        .unwrap();
    let mut session = db.session();
    wait::until("a connection", async || sleep(&mut session, 0.0).await.is_ok()).await;
    proxy.pause();
    // Dropped while it validates: the same, without anybody waiting.
    assert!(
        tokio::time::timeout(Duration::from_millis(20), sleep(&mut session, 0.0)).await.is_err()
    );
    // The silent connection is given up within a quarter of `acquire_timeout`.
    let phase = busy(sleep(&mut session, 0.0).await).phase;
    let in_its_place = [WaitPhase::Validate, WaitPhase::Connect, WaitPhase::Queue];
    assert!(in_its_place.contains(&phase), "{phase}");
    proxy.resume();
    wait::until("the slot", async || sleep(&mut session, 0.0).await.is_ok()).await;
}

#[tokio::test]
async fn a_silent_server_costs_no_slot_in_the_middle_of_a_statement() {
    let (_, proxy, url) = behind_proxy("limits_silent").await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(2)
        .acquire_timeout(Duration::from_millis(500))
        .connect_timeout(Duration::from_millis(500))
        .max_lease(Duration::from_millis(300))
        .connect_lazy()
        .unwrap();
    sleep(&mut db.session(), 0.0).await.unwrap();
    proxy.pause();
    for _ in 0..4 {
        let error = sleep(&mut db.session(), 0.0).await.unwrap_err();
        assert!(
            matches!(error, Error::LeaseExpired { .. } | Error::Busy(_) | Error::Connect(_)),
            "{error}"
        );
        assert!(db.leases().is_empty());
    }
    proxy.resume();
    // Two at once: both slots are there.
    wait::until("both slots", async || {
        let (mut one, mut other) = (db.session(), db.session());
        let (one, other) = tokio::join!(sleep(&mut one, 0.01), sleep(&mut other, 0.01));
        one.is_ok() && other.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_dead_server_loses_no_slot() {
    let mut server = Server::start().await;
    let db = Db::<Postgres>::builder(server.url())
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(2))
        .validate_after(Duration::ZERO)
        .connect_lazy()
        .unwrap();
    let mut session = db.session();
    sleep(&mut session, 0.0).await.unwrap();
    let running = {
        let mut session = db.session();
        tokio::spawn(async move { sleep(&mut session, 600.0).await })
    };
    in_query(&db, 1).await;
    server.kill_9().await;
    running.await.unwrap().unwrap_err();
    for _ in 0..3 {
        let error = sleep(&mut session, 0.0).await.unwrap_err();
        assert!(matches!(error, Error::Busy(_)), "{error}");
    }
    server.restart().await;
    let (mut one, mut other) = (db.session(), db.session());
    let (one, other) = tokio::join!(sleep(&mut one, 0.01), sleep(&mut other, 0.01));
    one.unwrap();
    other.unwrap();
}

#[tokio::test]
async fn a_connect_goes_on_when_its_waiter_gives_up() {
    let (server, proxy, url) = behind_proxy("limits_patient").await;
    let db = Db::<Postgres>::builder(url).max_connections(1).connect_lazy().unwrap();
    proxy.pause();
    let mut session = db.session();
    let given_up = tokio::time::timeout(Duration::from_millis(50), sleep(&mut session, 0.0)).await;
    assert!(given_up.is_err());
    proxy.resume();
    wait::until("a connection", async || {
        let sessions = server.sessions("limits_patient").await;
        sessions.iter().any(|s| s.query.contains("pg_backend_pid"))
    })
    .await;
    let before = proxy.counts();
    sleep(&mut session, 0.0).await.unwrap();
    assert_eq!((proxy.counts() - before).connections, 0);
}

#[tokio::test]
async fn waiters_are_served_in_order() {
    let (_, builder) = builder("limits_order").await;
    let db = builder.max_connections(1).max_lease(LONG).connect_lazy().unwrap();
    let mut session = db.session();
    let mut holder = Box::pin(sleep(&mut session, 600.0));
    tokio::select! {
        biased;
        held = &mut holder => panic!("it sleeps: {held:?}"),
        () = in_query(&db, 1) => {}
    }
    let (order, mut served) = tokio::sync::mpsc::unbounded_channel();
    let mut sessions: Vec<_> = (0..20).map(|_| db.session()).collect();
    let mut waiters: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
    for (nth, session) in sessions.iter_mut().enumerate() {
        let order = order.clone();
        let mut waiter = Box::pin(async move {
            sleep(session, 0.0).await.unwrap();
            order.send(nth).unwrap();
        });
        // In the queue now.
        assert!(waiter.as_mut().now_or_never().is_none());
        waiters.push(waiter);
    }
    // One in the middle gives up.
    drop(waiters.remove(7));
    drop(holder);
    futures_util::future::join_all(waiters).await;
    drop(order);
    let mut was = Vec::new();
    while let Some(nth) = served.recv().await {
        was.push(nth);
    }
    assert_eq!(was, (0..20).filter(|nth| *nth != 7).collect::<Vec<_>>());
}

#[tokio::test]
async fn waiters_that_are_forgotten_do_not_keep_what_they_get() {
    let (_, builder) = builder("limits_forgotten").await;
    let db = builder.max_connections(1).max_lease(LONG).connect_lazy().unwrap();
    // At first the pool may be about to look after itself anyway.
    for _ in 0..3 {
        let mut session = db.session();
        let mut holder = Box::pin(sleep(&mut session, 600.0));
        tokio::select! {
            biased;
            held = &mut holder => panic!("it sleeps: {held:?}"),
            () = in_query(&db, 1) => {}
        }
        let mut waiting = db.session();
        let mut forgotten = Box::pin(sleep(&mut waiting, 0.0));
        assert!((&mut forgotten).now_or_never().is_none());
        drop(holder);
        // Served, and never polled; another one gets it nevertheless, and then the first one does.
        sleep(&mut db.session(), 0.0).await.unwrap();
        forgotten.await.unwrap();
    }
}

#[tokio::test]
async fn a_lease_that_is_open_for_too_long_is_cut() {
    let (server, builder) = builder("limits_expired").await;
    let db = builder
        .max_connections(1)
        .max_lease(Duration::from_millis(300))
        .statement_timeout(LONG)
        .connect_lazy()
        .unwrap();
    create_notes(&db).await;
    let start = Instant::now();
    let error = note_and_sleep(&mut db.session(), 600.0).await.unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(300));
    match &error {
        Error::LeaseExpired { site, held, setting: "max_lease", .. } => {
            assert_eq!(
                site.function().as_deref(),
                Some("shortlease_tests::handlers::note_and_sleep")
            );
            assert!(*held >= Duration::from_millis(300));
        }
        other => panic!("not expired: {other}"),
    }
    assert!(
        error
            .to_string()
            .contains("shortlease_tests::handlers::note_and_sleep (tests/src/handlers.rs:")
    );
    assert!(db.leases().is_empty());
    assert_eq!(notes(&db).await, 0);
    wait::until("the end of the statement", async || {
        let sessions = server.sessions("limits_expired").await;
        sessions.iter().all(|s| s.state.as_deref() == Some("idle"))
    })
    .await;
}

#[tokio::test]
async fn limits_that_the_server_enforces_are_named() {
    let (server, builder) = builder("limits_server").await;
    let db = builder
        .max_connections(1)
        .max_lease(LONG)
        .statement_timeout(Duration::from_secs(1))
        .idle_in_transaction_timeout(Duration::from_secs(1))
        .application_name("limits of a test")
        .connect_lazy()
        .unwrap();
    create_notes(&db).await;
    for lease in
        [sleep(&mut db.session(), 600.0).await, note_and_sleep(&mut db.session(), 600.0).await]
    {
        match lease {
            Err(Error::LeaseExpired { setting: "statement_timeout", site, .. }) => {
                assert!(site.function().is_some());
            }
            other => panic!("not expired: {other:?}"),
        }
    }
    assert_eq!(notes(&db).await, 0);
    // A body that computes instead of querying: polled all the time, and idle on the server.
    // The next statement finds out, or COMMIT, and then nothing was committed.
    for writes_again in [true, false] {
        match idle_in_transaction(&mut db.session(), server, writes_again).await {
            Err(Error::LeaseExpired { setting: "idle_in_transaction_timeout", .. }) => {}
            other => panic!("not expired: {other:?}"),
        }
    }
    assert_eq!(notes(&db).await, 0);
    let sessions = server.sessions("limits_server").await;
    assert_eq!(sessions[0].application_name, "limits of a test");
}

#[handler]
async fn idle_in_transaction(
    db: &mut Session<Postgres>,
    server: &Server,
    writes_again: bool,
) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let mut ended = false;
        while !ended {
            ended = computes(server);
        }
        if writes_again {
            sqlx::query("INSERT INTO notes VALUES (2)").execute(tx).await?;
        }
        Ok(())
    })
    .await
}

/// Whether the server has ended the session of the transaction; looked up on another thread.
fn computes(server: &Server) -> bool {
    std::thread::scope(|scope| {
        let look = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let sessions = runtime.unwrap().block_on(server.sessions("limits_server"));
            sessions.is_empty()
        });
        look.join().unwrap()
    })
}

#[tokio::test]
async fn somebody_elses_cancel_is_no_limit_of_ours() {
    let (server, builder) = builder("limits_cancelled").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    let mut session = db.session();
    let running = tokio::spawn(async move { sleep(&mut session, 600.0).await });
    in_query(&db, 1).await;
    let mut admin = server.admin().await;
    wait::until("the cancellation", async || {
        sqlx::query(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
             WHERE datname = 'limits_cancelled' AND state = 'active'",
        )
        .execute(&mut admin)
        .await
        .unwrap();
        running.is_finished()
    })
    .await;
    match running.await.unwrap() {
        Err(Error::Database(sqlx::Error::Database(error))) => {
            assert_eq!(error.code().as_deref(), Some("57014"));
        }
        other => panic!("{other:?}"),
    }
}

/// A commit that takes as long as the server lets it.
const SLOW_COMMIT: &str = "
    CREATE TABLE notes (id bigint);
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_sleep(600); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION slow()";

#[handler]
async fn note(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_commit_that_is_cut_has_an_unknown_outcome() {
    let (_, builder) = builder("limits_commit").await;
    let db = builder
        .max_connections(1)
        .max_lease(Duration::from_millis(300))
        .statement_timeout(LONG)
        .connect_lazy()
        .unwrap();
    db.session().execute(sqlx::raw_sql(SLOW_COMMIT)).await.unwrap();
    match note(&mut db.session()).await {
        Err(Error::CommitUnknown { site, .. }) => {
            assert_eq!(site.function().as_deref(), Some("postgres::limits::note"));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(notes(&db).await, 0);
}

#[tokio::test]
async fn a_commit_whose_connection_breaks_has_an_unknown_outcome() {
    let (server, proxy, url) = behind_proxy("limits_break").await;
    let db = Db::<Postgres>::builder(url).max_connections(1).connect_lazy().unwrap();
    db.session().execute(sqlx::raw_sql(SLOW_COMMIT)).await.unwrap();
    let mut session = db.session();
    let committing = tokio::spawn(async move { note(&mut session).await });
    wait::until("the COMMIT", async || {
        let sessions = server.sessions("limits_break").await;
        sessions.iter().any(|s| s.state.as_deref() == Some("active") && s.query == "COMMIT")
    })
    .await;
    proxy.reset().await;
    assert!(matches!(committing.await.unwrap(), Err(Error::CommitUnknown { .. })));
    assert!(db.leases().is_empty());
}

#[tokio::test]
async fn a_lease_that_nobody_polls_is_revoked() {
    let (server, builder) = builder("limits_revoked").await;
    let max_lease = Duration::from_millis(400);
    let db = builder
        .max_connections(1)
        .max_lease(max_lease)
        .statement_timeout(LONG)
        .idle_in_transaction_timeout(LONG)
        .connect_lazy()
        .unwrap();
    create_notes(&db).await;
    for forget in [false, true] {
        let mut session = db.session();
        let leaked: &'static mut Session<Postgres> = Box::leak(Box::new(db.session()));
        let mut lease: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(note_and_sleep(leaked, 600.0));
        let opened = Instant::now();
        tokio::select! {
            biased;
            done = &mut lease => panic!("it sleeps: {done:?}"),
            () = wait::until("an open transaction", async || {
                let sessions = server.sessions("limits_revoked").await;
                sessions.iter().any(|s| s.query.contains("pg_sleep"))
            }) => {}
        }
        let held = server.sessions("limits_revoked").await[0].pid;
        // Takes the slot, as soon as it is there; the rows of the transaction are gone.
        let rows: i64 =
            session.fetch_one(sqlx::query_scalar("SELECT count(*) FROM notes")).await.unwrap();
        let restored = opened.elapsed();
        assert!(restored >= max_lease, "{restored:?}");
        println!("capacity restored {:?} after max_lease", restored - max_lease);
        assert_eq!(rows, 0);
        wait::until("the end of the session", async || {
            server.sessions("limits_revoked").await.iter().all(|s| s.pid != held)
        })
        .await;
        if !forget {
            match lease.await {
                Err(Error::LeaseRevoked { site, reason: Revocation::Unpolled, .. }) => {
                    assert_eq!(
                        site.function().as_deref(),
                        Some("shortlease_tests::handlers::note_and_sleep")
                    );
                }
                other => panic!("{other:?}"),
            }
        } else {
            std::mem::forget(lease);
        }
    }
}

#[handler]
async fn note_and_go_on(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        let _ = sqlx::query("SELECT pg_sleep(600)").execute(tx).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_commit_leaves_nothing_unknown() {
    let (server, proxy, url) = behind_proxy("limits_before").await;
    let db = Db::<Postgres>::builder(url).max_connections(1).connect_lazy().unwrap();
    create_notes(&db).await;
    let mut session = db.session();
    let broken = tokio::spawn(async move { note_and_go_on(&mut session).await });
    wait::until("the statement", async || {
        let sessions = server.sessions("limits_before").await;
        sessions.iter().any(|s| s.query.contains("pg_sleep"))
    })
    .await;
    proxy.reset().await;
    let outcome = broken.await.unwrap();
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    assert_eq!(notes(&db).await, 0);
}

#[test]
fn a_runtime_that_ends_while_it_connects_passes_the_place_on() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (stays, ends) = (runtime(), runtime());
    let (_, proxy, url) = stays.block_on(behind_proxy("limits_runtime"));
    let builder = Db::<Postgres>::builder(url).max_connections(1).connect_timeout(LONG);
    let db = stays.block_on(async { builder.connect_lazy().unwrap() });
    proxy.pause();
    let (mut one, mut next) = (db.session(), db.session());
    let (mut one, mut next) = (Box::pin(sleep(&mut one, 0.0)), Box::pin(sleep(&mut next, 0.0)));
    ends.block_on(async { assert!((&mut one).now_or_never().is_none()) });
    stays.block_on(async { assert!((&mut next).now_or_never().is_none()) });
    drop(ends);
    proxy.resume();
    stays.block_on(next).unwrap();
}

#[tokio::test]
async fn connect_asks_for_no_longer_than_connecting_may_take() {
    let (server, builder) = builder("limits_room").await;
    // Who reads the view waits for its administrator.
    let url = server.url_for(SUPERUSER, "", "limits_room");
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let locked = "SET allow_system_table_mods = on; BEGIN;
                  ALTER VIEW pg_catalog.pg_roles SET (security_barrier = false)";
    sqlx::raw_sql(locked).execute(&mut admin).await.unwrap();
    let connected = builder.connect_timeout(Duration::from_millis(500)).connect();
    let error = tokio::time::timeout(wait::LIMIT, connected).await.expect("an end").unwrap_err();
    assert!(error.to_string().contains("`connect_timeout`"), "{error}");
}

//! Servers that cannot be reached, and what is asked of those that can.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use shortlease::{Db, Error, Postgres, Session, WaitPhase, handler};
use shortlease_tests::postgres::{self, Activity};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::wait;

use crate::direct::any::Scratch;
use crate::direct::any::fixture::{Fixture, OpenLease, call};
use crate::direct::any::settings::{PASSWORD, is_discreet, is_refused};

const SOON: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_port_where_nobody_listens_is_refused() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("postgres://app:{PASSWORD}@{address}/app");
    let error = is_refused(Db::builder(&url), "url").await;
    assert!(matches!(error, Error::Connect(sqlx::Error::Io(_))), "{error:?}");

    let db = Db::<Postgres>::builder(&url).acquire_timeout(SOON).connect_lazy().unwrap();
    assert!(!format!("{db:?} {:?}", db.session()).contains(PASSWORD));
    let error = db.session().execute(sqlx::query("SELECT 1")).await.unwrap_err();
    let Error::Busy(busy) = &error else { panic!("{error:?}") };
    assert!(busy.connect_error.as_ref().is_some_and(|error| error.contains("nothing listens")));
    is_discreet(&error);
    assert!(db.leases().is_empty());
}

#[tokio::test]
async fn who_is_turned_away_is_told_without_the_password() {
    let scratch = Scratch::new().await;
    for (user, database) in [(postgres::USER, scratch.name()), (postgres::USER, "no-such")] {
        let url = scratch.server().url_for(user, PASSWORD, database);
        let error = is_refused(Db::builder(url), "url").await;
        assert!(matches!(error, Error::Connect(sqlx::Error::Database(_))), "{error:?}");
    }
}

#[tokio::test]
async fn bad_urls_are_refused_without_a_word_of_them() {
    for url in [
        format!("postgres://app:{PASSWORD}@localhost:no-port/app"),
        format!("postgres://app:{PASSWORD}@localhost:99999/app"),
        format!("postgres://app:{PASSWORD}@bad host/app"),
        format!("postgres://app:{PASSWORD}/app"),
        format!("postgres://app@localhost/app?sslmode=sometimes&password={PASSWORD}"),
        format!("postgres://app@localhost/app?port={PASSWORD}"),
        format!("postgres://app:{PASSWORD}@localhost/app?statement-cache-capacity=many"),
        // `sqlx` would log the value.
        format!("postgres://app@localhost/app?sslmode=prefer&sslpassword={PASSWORD}"),
        // The end of a password.
        format!("postgres://app:1?{PASSWORD}@localhost/app"),
        format!("sqlite://{PASSWORD}"),
    ] {
        let error = is_refused(Db::builder(&url), "url").await;
        assert!(matches!(error, Error::Setting { setting: "url", .. }), "{url}: {error:?}");
    }
    // Hosts that cannot exist.
    for host in ["shortlease.invalid", "[::bad]"] {
        is_refused(Db::builder(format!("postgres://app:{PASSWORD}@{host}/app")), "url").await;
    }
}

/// A fixture behind a proxy of its own.
async fn behind_a_proxy() -> (Scratch, Proxy, String) {
    let scratch = Scratch::new().await;
    let proxy = Proxy::start(scratch.server().address());
    let url = proxy.url(&scratch.url());
    (scratch, proxy, url)
}

async fn busy(db: &Db<Postgres>) -> shortlease::Busy {
    let since = Instant::now();
    let outcome = db.session().execute(sqlx::query("SELECT 1")).await;
    let waited = since.elapsed();
    let Err(Error::Busy(busy)) = outcome else { panic!("{outcome:?}") };
    assert!(SOON <= busy.waited && busy.waited <= waited, "{busy} after {waited:?}");
    *busy
}

#[tokio::test]
async fn busy_says_that_it_was_connecting() {
    let (_scratch, proxy, url) = behind_a_proxy().await;
    let db = Db::<Postgres>::builder(url).max_connections(1).acquire_timeout(SOON).connect_lazy();
    let db = db.unwrap();
    proxy.pause();
    let busy = busy(&db).await;
    assert_eq!(busy.phase, WaitPhase::Connect, "{busy}");
    assert!(busy.to_string().contains("still opening a connection"), "{busy}");
    proxy.resume();
    // The connect went on without its waiter, who is served by it now.
    wait::until("the connection", async || {
        db.session().execute(sqlx::query("SELECT 1")).await.is_ok()
    })
    .await;
    assert_eq!(proxy.counts().connections, 1);
}

#[tokio::test]
async fn busy_says_that_it_was_validating() {
    let (_scratch, proxy, url) = behind_a_proxy().await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(1)
        .acquire_timeout(SOON)
        .validate_after(Duration::ZERO)
        .connect()
        .await
        .unwrap();
    wait::until("a connection", async || {
        db.session().execute(sqlx::query("SELECT 1")).await.is_ok()
    })
    .await;
    proxy.pause();
    let busy = busy(&db).await;
    assert_eq!(busy.phase, WaitPhase::Validate, "{busy}");
    assert!(busy.to_string().contains("still validating an idle connection"), "{busy}");
    proxy.resume();
    wait::until("the connection", async || {
        db.session().execute(sqlx::query("SELECT 1")).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let (_scratch, proxy, url) = behind_a_proxy().await;
    proxy.pause();
    let builder = Db::<Postgres>::builder(url).connect_timeout(SOON);
    let error = is_refused(builder, "url").await;
    assert!(error.to_string().contains("`connect_timeout`"), "{error}");
}

#[tokio::test]
async fn a_session_uses_one_connection_and_the_same_again() {
    let fixture = Fixture::with(4, |settings| settings).await;
    let mut db = fixture.db.session();
    let mut backends = Vec::new();
    for _ in 0..10 {
        let pid = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
        backends.push(db.fetch_one(pid).await.unwrap());
    }
    backends.dedup();
    assert_eq!(backends.len(), 1);
    // The one that `connect` made to check the settings takes its leave a moment later.
    wait::until("one session", async || {
        let sessions = fixture.scratch.sessions().await;
        sessions.len() == 1 && sessions[0].application_name == "shortlease"
    })
    .await;
}

#[tokio::test]
async fn the_server_sees_no_more_sessions_than_there_are_slots() {
    let fixture = Fixture::with(2, |settings| settings).await;
    fixture.add_tools().await;
    for _ in 0..10 {
        // Each leaves a connection behind that has to be recovered, or closed.
        drop(OpenLease::transaction(&fixture.db).await);
        drop(OpenLease::lease(&fixture.db).await);
    }
    fixture.is_whole().await;
    wait::until("at most two sessions", async || fixture.scratch.sessions().await.len() <= 2).await;
}

#[handler]
#[tokio::test]
async fn a_killed_session_is_replaced() {
    let fixture = Fixture::with(1, |settings| settings).await;
    fixture.add_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .lease(async |conn| {
            sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())").execute(conn).await
        })
        .await;
    assert!(outcome.is_err(), "{outcome:?}");
    assert_eq!(fixture.number("SELECT count(*) FROM tools").await, 3);
    fixture.is_whole().await;
}

#[tokio::test]
async fn a_session_killed_while_idle_is_replaced_before_it_is_lent() {
    let fixture = Fixture::with(2, |settings| settings.validate_after(Duration::ZERO)).await;
    fixture.is_whole().await;
    let server = fixture.scratch.server();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    let mut admin = server.admin().await;
    sqlx::query(kill).bind(fixture.scratch.name()).execute(&mut admin).await.unwrap();
    fixture.is_whole().await;
}

#[handler]
async fn sleep(mut db: Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT pg_sleep(600)").execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_comes_next_does_not_wait_for_a_statement_that_was_dropped() {
    let fixture = Fixture::with(1, |settings| settings).await;
    let mut sleeping = Box::pin(sleep(fixture.db.session()));
    let running = wait::until("the server to sleep", async || {
        let sessions = fixture.scratch.sessions().await;
        let asleep = |session: &Activity| session.query.contains("pg_sleep");
        sessions.iter().any(|session| session.state.as_deref() == Some("active") && asleep(session))
    });
    tokio::select! {
        outcome = sleeping.as_mut() => panic!("awake: {outcome:?}"),
        () = running => {}
    }
    drop(sleeping);
    let next = fixture.number("SELECT count(*) FROM tools");
    assert_eq!(tokio::time::timeout(wait::LIMIT, next).await, Ok(0));
    wait::until("the end of the statement", async || !fixture.scratch.in_transaction().await).await;
}

#[handler]
async fn commit_into_the_void(
    mut db: Session<Postgres>,
    proxy: &Proxy,
    queries: &OnceLock<u64>,
) -> Result<(), Error> {
    db.transaction(async |tx| {
        call(tx, "who knows").await?;
        proxy.pause();
        queries.get_or_init(|| proxy.counts().messages.query);
        Ok(())
    })
    .await
}

#[handler]
async fn read_into_the_void(
    mut db: Session<Postgres>,
    proxy: &Proxy,
    queries: &OnceLock<u64>,
) -> Result<i64, Error> {
    db.snapshot(async |conn| {
        let tools = sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await?;
        proxy.pause();
        queries.get_or_init(|| proxy.counts().messages.query);
        Ok(tools)
    })
    .await
}

/// Cuts the connection once COMMIT was sent.
async fn cut(proxy: &Proxy, queries: &OnceLock<u64>) {
    let sent = || queries.get().is_some_and(|before| proxy.counts().messages.query > *before);
    wait::until("COMMIT to be sent", async || sent()).await;
    proxy.reset().await;
    proxy.resume();
}

#[tokio::test]
async fn a_snapshot_has_no_unknown_outcome() {
    let fixture = Fixture::distant(|settings| settings).await;
    fixture.add_tools().await;
    let proxy = fixture.scratch.proxy();
    let queries = OnceLock::new();
    let read = read_into_the_void(fixture.db.session(), proxy, &queries);
    let (outcome, ()) = tokio::join!(read, cut(proxy, &queries));
    assert!(matches!(outcome, Err(Error::Database(_))), "{outcome:?}");
    fixture.is_whole().await;
}

#[tokio::test]
async fn a_commit_without_an_answer_has_an_unknown_outcome() {
    let fixture = Fixture::distant(|settings| settings).await;
    fixture.add_tools().await;
    let proxy = fixture.scratch.proxy();
    let queries = OnceLock::new();
    let committed = commit_into_the_void(fixture.db.session(), proxy, &queries);
    let (outcome, ()) = tokio::join!(committed, cut(proxy, &queries));
    let Err(Error::CommitUnknown { site, .. }) = &outcome else { panic!("{outcome:?}") };
    assert_eq!(site.function().as_deref(), Some(concat!(module_path!(), "::commit_into_the_void")));
    assert!(!outcome.unwrap_err().is_retryable(), "it may have been done");
    assert!((0..=1).contains(&fixture.calls("who knows").await));
    fixture.is_whole().await;
}

#[tokio::test]
async fn the_server_has_bounds_of_its_own() {
    let scratch = Scratch::new().await;
    let bound = Duration::from_millis(7500);
    let db = Db::<Postgres>::builder(scratch.url()).max_lease(bound).connect().await.unwrap();
    for setting in ["statement_timeout", "idle_in_transaction_session_timeout"] {
        let current = sqlx::query_scalar("SELECT current_setting($1)").bind(setting);
        let current: String = db.session().fetch_one(current).await.unwrap();
        // After `max_lease`, by the second it takes to revoke: whoever is polled cuts itself first.
        assert_eq!(current, "8500ms", "{setting}");
    }
}

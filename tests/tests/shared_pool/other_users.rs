//! Leases over a pool of `sqlx`, beside others who use it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use shortlease::{Builder, Db, Error, Postgres, Session, Sqlite, WaitPhase, handler};
use shortlease_tests::handlers::in_query;
use shortlease_tests::interrupt::Interrupt;
use shortlease_tests::postgres::{Activity, Server};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::scratch::MIGRATIONS;
use shortlease_tests::wait;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{PgConnection, PgPool, Row, SqlitePool};

const SOON: Duration = Duration::from_millis(200);

async fn leaves_a_name(raw: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SET application_name TO left_behind").execute(raw).await?;
    Ok(())
}

mod leases {
    use super::*;

    #[handler]
    pub(super) async fn write(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        db.transaction(async |tx| {
            for part in 1..=2 {
                sqlx::query("INSERT INTO notes VALUES ($1, $2)")
                    .bind(n)
                    .bind(part)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn read(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        db.lease(async |conn| {
            let read: i64 = sqlx::query_scalar("SELECT $1 + 0").bind(n).fetch_one(conn).await?;
            assert_eq!(read, n);
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn sleep(db: &mut Session<Postgres>) -> Result<(), Error> {
        db.lease(async |conn| {
            sqlx::query("INSERT INTO notes VALUES (0, 1)").execute(&mut *conn).await?;
            sqlx::query("SELECT pg_sleep(600)").execute(conn).await?;
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn panic(db: &mut Session<Postgres>) -> Result<(), Error> {
        db.lease(async |conn| {
            sqlx::query("INSERT INTO notes VALUES (0, 1)").execute(conn).await?;
            std::panic::resume_unwind(Box::new("in the body"))
        })
        .await
    }

    #[handler]
    pub(super) async fn pid(db: &mut Session<Postgres>) -> Result<i32, Error> {
        db.lease(async |conn| sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn).await)
            .await
    }

    #[handler]
    pub(super) async fn limits(db: &mut Session<Postgres>) -> Result<String, Error> {
        db.lease(async |conn| sqlx::query_scalar(LIMITS).fetch_one(conn).await).await
    }

    #[handler]
    pub(super) async fn set(db: &mut Session<Postgres>) -> Result<(), Error> {
        db.lease(async |conn| {
            conn.unchecked("a test", leaves_a_name).await?;
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn count_for_ever(db: &mut Session<Sqlite>) -> Result<i64, Error> {
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
}

const LIMITS: &str = "SELECT current_setting('statement_timeout') || ' '
                      || current_setting('idle_in_transaction_session_timeout')";

/// A pool of so many connections on a database of its own, and the settings of a handle over it.
async fn shared(name: &str, connections: u32) -> (&'static Server, PgPool, Builder<Postgres>) {
    let server = Server::shared().await;
    let url = server.create_database(name).await;
    let pool = PgPoolOptions::new().max_connections(connections).connect(&url).await.unwrap();
    let table = "CREATE TABLE notes (id bigint, part integer)";
    sqlx::raw_sql(table).execute(&pool).await.unwrap();
    let builder = Db::builder_from_pool(pool.clone());
    (server, pool, builder)
}

/// Without the side connection, which has another name.
fn of_pool(sessions: Vec<Activity>) -> Vec<Activity> {
    sessions.into_iter().filter(|session| session.application_name != "shortlease").collect()
}

async fn notes(pool: &PgPool, n: i64) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM notes WHERE id = $1").bind(n);
    count.fetch_one(pool).await.unwrap()
}

/// What somebody else finds on the connection that it gets.
async fn is_clean(pool: &PgPool) {
    let look = sqlx::raw_sql(
        "SELECT now() <> statement_timestamp(), current_setting('statement_timeout')
         || current_setting('idle_in_transaction_session_timeout') || current_setting('search_path'),
         (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode LIKE '%Exclusive%'
          AND locktype <> 'virtualxid')::text",
    );
    let row = look.fetch_one(pool).await.unwrap();
    let text = |column: usize| row.try_get_raw(column).unwrap().as_str().unwrap().to_owned();
    assert_eq!([text(0), text(1), text(2)], ["f", "00\"$user\", public", "0"]);
}

#[tokio::test]
async fn one_limit_holds_for_both() {
    let (server, pool, builder) = shared("over_limit", 3).await;
    let db = builder.connect().await.unwrap();
    let done = AtomicBool::new(false);
    let load = async {
        let tasks: Vec<_> = (1..=60)
            .map(|n| {
                let (mut session, pool) = (db.session(), pool.clone());
                tokio::spawn(async move {
                    match n % 3 {
                        0 => assert_eq!(notes(&pool, -1).await, 0),
                        1 => leases::write(&mut session, n).await.unwrap(),
                        _ => {
                            let cut = n as usize % 7;
                            let _ =
                                Interrupt::Drop.after(cut, leases::write(&mut session, n)).await;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
    };
    let watch = async {
        let mut most = 0;
        while !done.load(Ordering::Relaxed) {
            most = most.max(of_pool(server.sessions("over_limit").await).len());
        }
        most
    };
    let ((), most) = tokio::join!(load, watch);
    assert!(most <= 3, "{most} sessions");
    assert!(pool.size() <= 3);
    for n in (1..=60).filter(|n| n % 3 == 1) {
        assert_eq!(notes(&pool, n).await, 2);
    }
}

#[tokio::test]
async fn a_lease_waits_for_others_and_they_for_it() {
    let (_, pool, builder) = shared("over_waits", 1).await;
    let db = builder.connect().await.unwrap();
    let other = pool.acquire().await.unwrap();
    let mut session = db.session();
    let mut lease = pin!(leases::write(&mut session, 1));
    tokio::select! {
        biased;
        done = &mut lease => panic!("others have the connection: {done:?}"),
        () = wait::until("the wait", async || pool.num_idle() == 0) => {}
    }
    drop(other);
    lease.await.unwrap();

    let mut session = db.session();
    let mut lease = pin!(leases::sleep(&mut session));
    tokio::select! {
        biased;
        done = &mut lease => panic!("it sleeps: {done:?}"),
        () = in_query(&db, 1) => {}
    }
    assert!(pool.try_acquire().is_none());
    let mut other = pin!(pool.acquire());
    assert!(other.as_mut().now_or_never().is_none());
}

/// On a clock that goes on only while the runtime has nothing to do.
#[test]
fn a_pool_that_has_no_patience_is_not_asked_all_the_time() {
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(async {
            let (_, pool, _) = shared("over_impatient", 1).await;
            let impatient = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::ZERO);
            let impatient = impatient.connect_lazy_with((*pool.connect_options()).clone());
            let db = Db::builder_from_pool(impatient).acquire_timeout(SOON).connect_lazy().unwrap();
            tokio::time::pause();
            leases::write(&mut db.session(), 1).await.unwrap_err()
        });
        sender.send(error).unwrap();
    });
    let error = ended.recv_timeout(wait::LIMIT).expect("time to go on");
    assert!(matches!(error, Error::Busy(_)), "{error:?}");
}

#[tokio::test]
async fn busy_names_the_pool() {
    let (_, pool, _) = shared("over_busy", 2).await;
    // The pool's own limit is another.
    let impatient = PgPoolOptions::new().max_connections(2).acquire_timeout(SOON / 4);
    let impatient = impatient.connect_with((*pool.connect_options()).clone()).await.unwrap();
    for pool in [pool, impatient] {
        let db = Db::builder_from_pool(pool.clone()).acquire_timeout(SOON).connect_lazy().unwrap();
        let others = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
        // More than there are places, so that some wait for one and some for its connection.
        let waiting = (0..4).map(|n| {
            let mut session = db.session();
            async move {
                let since = Instant::now();
                let error = leases::write(&mut session, n).await.unwrap_err();
                assert!(since.elapsed() >= SOON);
                error
            }
        });
        for error in futures_util::future::join_all(waiting).await {
            assert!(error.to_string().contains("the `sqlx` pool, which others use"), "{error}");
            let Error::Busy(busy) = error else { panic!("{error:?}") };
            assert_eq!((busy.phase, busy.max, busy.used), (WaitPhase::SharedPool, 2, 0));
        }
        // Who gave up has lost nothing, and nobody else has.
        drop(others);
        leases::write(&mut db.session(), 9).await.unwrap();
        let held = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
        drop(held);
    }
}

#[tokio::test]
async fn others_find_nothing_of_a_lease_cut_at_every_poll() {
    let (server, near, _) = shared("over_cut", 1).await;
    let proxy = Proxy::start(server.address());
    proxy.delay(Duration::from_millis(1));
    let far = proxy.url(&server.url_for("postgres", "", "over_cut"));
    let pool = PgPoolOptions::new().max_connections(1).connect(&far).await.unwrap();
    let db = Db::builder_from_pool(pool.clone()).connect_lazy().unwrap();
    for cut in [Interrupt::Drop, Interrupt::Panic] {
        let mut points = 0;
        for polls in 0.. {
            let n = points + 1000 * i64::from(cut == Interrupt::Panic);
            let mut session = db.session();
            let write = cut.after(polls, leases::write(&mut session, n)).await;
            is_clean(&pool).await;
            let rows = notes(&near, n).await;
            assert!(rows == 0 || rows == 2, "{polls} polls: {rows} rows");
            let mut session = db.session();
            let read = cut.after(polls, leases::read(&mut session, n)).await;
            is_clean(&pool).await;
            assert!(of_pool(server.sessions("over_cut").await).len() <= 2, "near and far");
            if write.is_some() && read.is_some() {
                break;
            }
            points += 1;
        }
        assert!(points > 3, "{cut:?}: nothing to wait for");
    }
}

#[tokio::test]
async fn a_cut_connection_is_recovered_and_given_back() {
    let (server, pool, builder) = shared("over_recovered", 1).await;
    let db = builder.max_lease(SOON).connect_lazy().unwrap();
    let pid = leases::pid(&mut db.session()).await.unwrap();
    let expired = leases::sleep(&mut db.session()).await.unwrap_err();
    assert!(matches!(expired, Error::LeaseExpired { .. }), "{expired:?}");
    is_clean(&pool).await;
    let mut session = db.session();
    let panicked = tokio::spawn(async move { leases::panic(&mut session).await }).await;
    assert!(panicked.unwrap_err().is_panic());
    is_clean(&pool).await;
    assert_eq!(notes(&pool, 0).await, 0);
    let sessions = of_pool(server.sessions("over_recovered").await);
    assert_eq!(sessions.iter().map(|s| s.pid).collect::<Vec<_>>(), [pid], "{sessions:?}");
}

#[tokio::test]
async fn a_forgotten_lease_is_revoked() {
    let (server, pool, builder) = shared("over_forgotten", 1).await;
    let db = builder.max_lease(SOON).acquire_timeout(SOON).connect_lazy().unwrap();
    let mut session = db.session();
    let mut forgotten = Box::pin(leases::sleep(&mut session));
    tokio::select! {
        biased;
        done = &mut forgotten => panic!("it sleeps: {done:?}"),
        () = in_query(&db, 1) => {}
    }
    wait::until("its session's end", async || {
        of_pool(server.sessions("over_forgotten").await).is_empty()
    })
    .await;
    assert!(db.leases().is_empty());
    let busy = leases::pid(&mut db.session()).await.unwrap_err();
    let Error::Busy(busy) = busy else { panic!("{busy:?}") };
    assert_eq!((busy.phase, busy.used), (WaitPhase::SharedPool, 0), "`sqlx` counts it still");
    drop(forgotten);
    is_clean(&pool).await;
    leases::pid(&mut db.session()).await.unwrap();
    assert_eq!(notes(&pool, 0).await, 0);
}

#[tokio::test]
async fn limits_are_set_for_leases_only() {
    let (_, pool, builder) = shared("over_limits", 1).await;
    let limit = Duration::from_secs(77);
    let db = builder.statement_timeout(limit).connect_lazy().unwrap();
    assert_eq!(leases::limits(&mut db.session()).await.unwrap(), "77s 11s");
    is_clean(&pool).await;
    sqlx::raw_sql("CREATE SCHEMA acme").execute(&pool).await.unwrap();
    let path = sqlx::query_scalar::<_, String>("SELECT current_setting('search_path')");
    let path = db.session().tenant("acme").fetch_one(path).await.unwrap();
    assert_eq!(path, "acme");
    is_clean(&pool).await;
}

#[tokio::test]
async fn what_unchecked_code_had_is_closed() {
    let (server, pool, builder) = shared("over_unchecked", 1).await;
    let db = builder.connect_lazy().unwrap();
    let pid = leases::pid(&mut db.session()).await.unwrap();
    leases::set(&mut db.session()).await.unwrap();
    is_clean(&pool).await;
    let sessions = of_pool(server.sessions("over_unchecked").await);
    assert!(sessions.iter().all(|s| s.pid != pid && s.application_name.is_empty()), "{sessions:?}");
}

#[tokio::test]
async fn the_limit_is_the_pools_or_less() {
    let (_, pool, _) = shared("over_most", 2).await;
    let above = Db::builder_from_pool(pool.clone())
        .max_connections(3)
        .connect_lazy()
        .unwrap_err()
        .to_string();
    assert!(
        above.contains("setting `max_connections` is 3, above that of the `sqlx` pool, which is 2")
    );
    let db = Db::builder_from_pool(pool.clone())
        .max_connections(1)
        .acquire_timeout(SOON)
        .connect_lazy()
        .unwrap();
    let mut session = db.session();
    let mut lease = pin!(leases::sleep(&mut session));
    tokio::select! {
        biased;
        done = &mut lease => panic!("it sleeps: {done:?}"),
        () = in_query(&db, 1) => {}
    }
    let Error::Busy(busy) = leases::pid(&mut db.session()).await.unwrap_err() else { panic!() };
    assert_eq!((busy.phase, busy.max, busy.used), (WaitPhase::Queue, 1, 1));
    assert_eq!(notes(&pool, 1).await, 0, "the other is for others");
}

#[tokio::test]
async fn closing_leaves_the_pool_to_others() {
    let (_, pool, builder) = shared("over_closed", 2).await;
    let db = builder.connect_lazy().unwrap();
    leases::write(&mut db.session(), 1).await.unwrap();
    let mut session = db.session();
    let mut lease = pin!(leases::sleep(&mut session));
    tokio::select! {
        biased;
        done = &mut lease => panic!("it sleeps: {done:?}"),
        () = in_query(&db, 1) => {}
    }
    let closed = db.close(Duration::ZERO).await;
    assert_eq!(closed.revoked.len(), 1);
    assert!(matches!(lease.await, Err(Error::LeaseRevoked { .. })));
    assert!(matches!(leases::write(&mut db.session(), 2).await, Err(Error::Closed)));
    assert!(!pool.is_closed());
    let held = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    drop(held);
    assert_eq!((notes(&pool, 0).await, notes(&pool, 1).await), (0, 2));

    // And the other way round.
    let db = Db::builder_from_pool(pool.clone()).connect_lazy().unwrap();
    pool.close().await;
    let error = leases::write(&mut db.session(), 3).await.unwrap_err();
    assert!(matches!(error, Error::Connect(sqlx::Error::PoolClosed)), "{error:?}");
}

#[tokio::test]
async fn dedicated_connections_are_made_beside_the_pool() {
    let (_, pool, builder) = shared("over_dedicated", 1).await;
    let db = builder.connect_lazy().unwrap();
    let other = pool.acquire().await.unwrap();
    let mut dedicated = db.dedicated("a test").await.unwrap();
    sqlx::raw_sql("LISTEN news").execute(&mut *dedicated).await.unwrap();
    dedicated.close().await.unwrap();
    drop(other);
}

/// A pool whose connections work in the schema `acme`.
async fn prepared(name: &str) -> (PgPool, Builder<Postgres>) {
    let (_, pool, _) = shared(name, 1).await;
    sqlx::raw_sql("CREATE SCHEMA acme").execute(&pool).await.unwrap();
    let prepared = PgPoolOptions::new().max_connections(1).after_connect(|conn, _| {
        Box::pin(async { sqlx::raw_sql("SET search_path TO acme").execute(conn).await.map(drop) })
    });
    let options = PgConnectOptions::clone(&pool.connect_options());
    let pool = prepared.connect_lazy_with(options);
    let builder = Db::builder_from_pool(pool.clone()).setting("lock_timeout", "7s");
    (pool, builder)
}

#[tokio::test]
async fn what_is_made_beside_the_pool_is_prepared_as_the_pool_prepares() {
    let (pool, builder) = prepared("over_prepared").await;
    let db = builder.application_name("beside").connect().await.unwrap();
    let other = pool.acquire().await.unwrap();
    db.migrate(&MIGRATIONS).await.unwrap();
    let mut dedicated = db.dedicated("a test").await.unwrap();
    let settings = "SELECT current_setting('search_path') || ' ' || current_setting('lock_timeout')
                    || ' ' || current_setting('application_name')";
    let settings: String = sqlx::query_scalar(settings).fetch_one(&mut *dedicated).await.unwrap();
    assert_eq!(settings, "acme 7s beside");
    let schemas = "SELECT string_agg(schemaname, ' ') FROM pg_tables WHERE tablename = 'tools'";
    let schemas: String = sqlx::query_scalar(schemas).fetch_one(&mut *dedicated).await.unwrap();
    assert_eq!(schemas, "acme");
    dedicated.close().await.unwrap();
    drop(other);
}

#[tokio::test]
async fn a_hook_that_leaves_a_transaction_open_is_refused() {
    let (_, pool, _) = shared("over_left_open", 1).await;
    let hooked = PgPoolOptions::new().after_connect(|conn, _| {
        Box::pin(async { sqlx::raw_sql("BEGIN").execute(conn).await.map(drop) })
    });
    let options = PgConnectOptions::clone(&pool.connect_options());
    let db = Db::builder_from_pool(hooked.connect_lazy_with(options)).connect().await.unwrap();
    match db.migrate(&MIGRATIONS).await {
        Err(Error::Setting { setting, .. }) => assert_eq!(setting, "after_connect"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_dedicated_session_ends_with_what_it_does() {
    let (server, _pool, builder) = shared("over_dropped", 1).await;
    let db = builder.connect_lazy().unwrap();
    let mut dedicated = db.dedicated("a test").await.unwrap();
    let sleeps = async || {
        let sessions = server.sessions("over_dropped").await;
        sessions.iter().any(|session| session.query == "SELECT pg_sleep(600)")
    };
    let mut running = Box::pin(
        dedicated
            .run(async |conn| sqlx::raw_sql("SELECT pg_sleep(600)").execute(conn).await.map(drop)),
    );
    tokio::select! {
        biased;
        ended = &mut running => panic!("it sleeps: {ended:?}"),
        () = wait::until("the statement", sleeps) => {}
    }
    drop(running);
    drop(dedicated);
    wait::until("its end", async || !sleeps().await).await;
}

async fn files() -> (tempfile::TempDir, SqlitePool) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("over.db").display());
    let pool = SqlitePoolOptions::new().max_connections(1).connect(&url).await.unwrap();
    (directory, pool)
}

async fn one(pool: &SqlitePool) -> i64 {
    let one = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n LIMIT 100000)
               SELECT count(*) FROM n";
    sqlx::query_scalar(one).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_statement_stopped_on_sqlite_stops_no_other() {
    let (_directory, pool) = files().await;
    let db = Db::builder_from_pool(pool.clone()).max_lease(SOON).connect_lazy().unwrap();
    for _ in 0..3 {
        let expired = leases::count_for_ever(&mut db.session()).await.unwrap_err();
        assert!(matches!(expired, Error::LeaseExpired { .. }), "{expired:?}");
        assert_eq!(one(&pool).await, 100_000);
    }
}

#[tokio::test]
async fn a_session_ended_on_sqlite_is_not_given_back() {
    let (_directory, pool) = files().await;
    let db = Db::builder_from_pool(pool.clone()).max_lease(SOON).connect_lazy().unwrap();
    let mut session = db.session();
    let mut forgotten = Box::pin(leases::count_for_ever(&mut session));
    poll_fn(|cx| {
        assert!(forgotten.as_mut().poll(cx).is_pending());
        if db.leases().iter().any(|lease| lease.in_query) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    wait::until("its end", async || db.leases().is_empty()).await;
    drop(forgotten);
    assert_eq!(one(&pool).await, 100_000);
}

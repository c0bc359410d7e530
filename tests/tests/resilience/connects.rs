//! Connects that fail while other connections exist, or while the server is away for a moment.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{FutureExt, TryFutureExt, join_all};
use shortlease::lifecycle::CancellationToken;
use shortlease::{Builder, Db, Error, Postgres, Session, WaitPhase};
use shortlease_tests::handlers::sleep;
use shortlease_tests::postgres::{PASSWORD, SUPERUSER, Server, USER};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::scratch::{PostgresDatabase, behind_proxy};
use shortlease_tests::wait;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const TASKS: usize = 40;

/// Calls that succeeded, and those that failed.
#[derive(Clone, Debug, Default)]
struct Calls(Arc<[AtomicU64; 2]>);

impl Calls {
    fn count(&self, succeeded: bool) {
        self.0[usize::from(!succeeded)].fetch_add(1, Ordering::Relaxed);
    }

    fn succeeded(&self) -> u64 {
        self.0[0].load(Ordering::Relaxed)
    }

    fn failed(&self) -> u64 {
        self.0[1].load(Ordering::Relaxed)
    }
}

/// Calls from many tasks for so long, through a lease and through a pool of `sqlx`.
async fn call(db: Db<Postgres>, pool: PgPool, lasts: Duration) -> [Calls; 2] {
    let end = Instant::now() + lasts;
    let calls = [Calls::default(), Calls::default()];
    let tasks = (0..TASKS).map(|_| {
        let (db, pool, calls) = (db.clone(), pool.clone(), calls.clone());
        tokio::spawn(async move {
            let leases = async {
                while Instant::now() < end {
                    calls[0].count(sleep(&mut db.session(), 0.02).await.is_ok());
                }
            };
            let others = async {
                while Instant::now() < end {
                    let slept = sqlx::query("SELECT pg_sleep(0.02)").execute(&pool).await;
                    calls[1].count(slept.is_ok());
                }
            };
            tokio::join!(leases, others);
        })
    });
    for task in join_all(tasks.collect::<Vec<_>>()).await {
        task.unwrap();
    }
    calls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_too_little_room_fails_nobody() {
    // Without a password, because to check one takes longer than the calls.
    let access = ["few", "few_too"].map(|role| format!("host all {role} 127.0.0.1/32 trust"));
    let server = Server::builder().access(&access[0]).access(&access[1]).start().await;
    let mut admin = server.admin().await;
    let roles = "CREATE ROLE few LOGIN CONNECTION LIMIT 5;
                 CREATE ROLE few_too LOGIN CONNECTION LIMIT 5";
    sqlx::raw_sql(roles).execute(&mut admin).await.unwrap();
    let url = |user| server.url_for(user, "", "postgres");
    let db = Db::<Postgres>::builder(url("few")).max_connections(8).connect_lazy().unwrap();
    let others = PgPoolOptions::new().max_connections(8).connect_lazy(&url("few_too")).unwrap();
    let [leases, others] = call(db, others, Duration::from_secs(3)).await;
    println!("{leases:?}, with the pool of sqlx {others:?}");
    assert!(leases.succeeded() > 100);
    assert_eq!(leases.failed(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_fails_no_more_than_with_sqlx() {
    let mut server = Server::start().await;
    let db = Db::<Postgres>::builder(server.url()).max_connections(8).connect_lazy().unwrap();
    let others = PgPoolOptions::new().max_connections(8).connect_lazy(&server.url()).unwrap();
    let calls = tokio::spawn(call(db, others, Duration::from_secs(5)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.stop().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.restart().await;
    let [leases, others] = calls.await.unwrap();
    println!("{leases:?}, with the pool of sqlx {others:?}");
    assert!(leases.succeeded() > 100);
    // Those under way fail: each connection once, or twice if it is handed out again before that is known.
    assert!(leases.failed() <= others.failed().max(16), "{} failed", leases.failed());
}

#[tokio::test]
async fn nobody_is_hurried_while_the_server_is_away() {
    let (_, proxy, url) = behind_proxy("connects_away").await;
    let builder = Db::<Postgres>::builder(url).max_connections(4);
    let db = builder.acquire_timeout(Duration::from_secs(2)).connect_lazy().unwrap();
    proxy.refuse().await;
    let waiting = (0..8).map(|_| {
        let mut session = db.session();
        tokio::spawn(async move { sleep(&mut session, 0.0).await })
    });
    for waited in join_all(waiting.collect::<Vec<_>>()).await {
        match waited.unwrap() {
            Err(Error::Busy(busy)) => {
                assert_eq!(busy.phase, WaitPhase::Connect);
                let error = busy.connect_error.as_deref().unwrap();
                assert!(error.contains("nothing listens at the address"), "{error}");
                assert!(busy.to_string().contains("refused"), "{busy}");
            }
            other => panic!("{other:?}"),
        }
    }
    // As soon as it is back.
    let mut session = db.session();
    let waiting = tokio::spawn(async move { sleep(&mut session, 0.0).await });
    proxy.accept().await;
    waiting.await.unwrap().unwrap();
}

/// It takes its socket away when it stops.
#[tokio::test]
async fn a_server_behind_a_socket_file_may_restart() {
    let directory = tempfile::tempdir().unwrap();
    // The server may run as another user.
    std::fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
    let path = directory.path().to_str().unwrap();
    let server = Server::builder().access("local all all trust");
    let mut server = server.setting("unix_socket_directories", path).start().await;
    let (path, port) = (path.replace('/', "%2F"), server.address().port());
    let url = format!("postgres://{SUPERUSER}@{path}:{port}/postgres");
    let db = Db::<Postgres>::builder(url).connect().await.unwrap();
    server.stop().await;
    let mut session = db.session();
    let waiting = tokio::spawn(async move { sleep(&mut session, 0.0).await });
    let began = async || db.status().waiting > 0 || waiting.is_finished();
    wait::until("a lease that waits", began).await;
    server.restart().await;
    waiting.await.unwrap().unwrap();
}

/// Listens, and ends each connection at once.
#[tokio::test]
async fn a_server_that_fails_is_asked_less_and_less_often() {
    let database = PostgresDatabase::named("connects_rare").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let listening = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let url = format!("postgres://{SUPERUSER}@{address}/{}", database.name());
    let builder = Db::<Postgres>::builder(url).max_connections(8);
    let db = builder.acquire_timeout(Duration::from_secs(3)).connect_lazy().unwrap();
    let mut sessions: Vec<Session<Postgres>> = (0..16).map(|_| db.session()).collect();
    for waited in join_all(sessions.iter_mut().map(|session| sleep(session, 0.0))).await {
        assert!(matches!(waited, Err(Error::Busy(_))), "{waited:?}");
    }
    listening.abort();
    // Eight at first, and then 10, 20, 40 .. ms.
    let asked = asked.load(Ordering::Relaxed);
    assert!((9..=24).contains(&asked), "{asked} connects in 3 s");
}

/// Returns the address of what answers as a server of PostgreSQL 18 that takes OAuth only.
async fn only_oauth() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.read(&mut [0; 1024]).await;
            let _ = client.write_all(b"R\0\0\0\x15\0\0\0\x0aOAUTHBEARER\0\0").await;
        }
    });
    address
}

#[tokio::test]
async fn what_does_not_pass_fails_at_once() {
    let database = PostgresDatabase::named("connects_final").await;
    let server = database.server();
    let cases = [
        (server.url_for(USER, "wrong", database.name()), "refused the user or its password"),
        (server.url_for(USER, PASSWORD, "no_such"), "no such database"),
        (
            format!("postgres://{USER}@{}/postgres?sslmode=disable", only_oauth().await),
            "a way to log in that `sqlx` does not have",
        ),
    ];
    for (url, cause) in cases {
        let db = Db::<Postgres>::builder(url).acquire_timeout(wait::LIMIT).connect_lazy().unwrap();
        let began = Instant::now();
        let error = sleep(&mut db.session(), 0.0).await.unwrap_err();
        assert!(matches!(error, Error::Connect(_)), "{error:?}");
        assert!(error.to_string().contains(cause), "{error}");
        assert!(began.elapsed() < wait::LIMIT / 2);
    }
}

/// What a failed connect says to look at.
async fn told(builder: Builder<Postgres>) -> String {
    builder.connect().await.unwrap_err().to_string()
}

#[tokio::test]
async fn what_fails_is_named() {
    let database = PostgresDatabase::named("connects_named").await;
    let builder = || database.builder();
    let no_sql =
        builder().after_connect(|raw| sqlx::query("SELEKT 1").execute(raw).map_ok(drop).boxed());
    let told = [
        (told(no_sql).await, "`after_connect`"),
        (told(builder().credentials(async || Err("no vault".into()))).await, "`credentials`"),
        (told(builder().setting("no_such", "1")).await, "`setting`"),
    ];
    for (told, setting) in told {
        assert!(told.contains(setting), "{told}");
    }
}

#[tokio::test]
async fn a_listener_is_refused_as_others_are() {
    let (_, proxy, url) = behind_proxy("connects_listener").await;
    proxy.refuse().await;
    let db = Db::<Postgres>::builder(url).connect_timeout(wait::LIMIT).connect_lazy().unwrap();
    let began = Instant::now();
    let refused = db.listen("jobs", &["jobs"]).await.unwrap_err().to_string();
    assert!(refused.contains("nothing listens at the address"), "{refused}");
    assert!(began.elapsed() < wait::LIMIT / 2);
}

#[tokio::test]
async fn a_dropped_dedicated_session_ends_with_its_statement() {
    let database = PostgresDatabase::named("connects_dropped").await;
    let db = database.builder().connect_lazy().unwrap();
    let mut dedicated = db.dedicated("a report").await.unwrap();
    let slow = sqlx::query("SELECT pg_sleep(600)");
    let running =
        tokio::spawn(async move { dedicated.run(async |conn| slow.execute(conn).await).await });
    let runs = async || database.in_transaction().await;
    wait::until("its statement", runs).await;
    running.abort();
    wait::until("the end of its session", async || database.sessions().await.is_empty()).await;
}

#[tokio::test]
async fn dedicated_work_goes_on_while_new_connections_are_refused() {
    let (_, proxy, url) = behind_proxy("connects_refused").await;
    let builder = Db::<Postgres>::builder(url).keepalive(Duration::from_millis(100));
    let db = builder.connect_timeout(wait::LIMIT).connect_lazy().unwrap();
    let mut dedicated = db.dedicated("a report").await.unwrap();
    proxy.refuse().await;
    let slow = sqlx::query("SELECT pg_sleep(1)");
    dedicated.run(async |conn| slow.execute(conn).await).await.unwrap().unwrap();
}

#[tokio::test]
async fn dedicated_work_ends_when_its_peer_has_vanished() {
    let database = PostgresDatabase::named("connects_vanished").await;
    let proxy = Proxy::start(database.server().address());
    let builder = Db::<Postgres>::builder(proxy.url(&database.url()));
    let builder = builder.keepalive(Duration::from_millis(200));
    let db = builder.connect_timeout(Duration::from_millis(300)).connect_lazy().unwrap();
    let mut dedicated = db.dedicated("a report").await.unwrap();
    // While the peer is there, it takes its time.
    let slow = sqlx::query("SELECT pg_sleep(1)");
    dedicated.run(async |conn| slow.execute(conn).await).await.unwrap().unwrap();
    proxy.pause();
    let began = Instant::now();
    let lost = dedicated.run(async |conn| sqlx::query("SELECT 1").execute(conn).await).await;
    let Err(lost @ Error::SessionLost { .. }) = lost else { panic!("{lost:?}") };
    assert!(lost.to_string().contains("the session is gone: "), "{lost}");
    assert!(began.elapsed() < Duration::from_secs(10));
    proxy.resume();
}

/// As a balancer does whose server is gone.
#[tokio::test]
async fn so_it_does_when_new_connections_are_closed_at_once() {
    let database = PostgresDatabase::named("connects_closed").await;
    let (server, gone) = (database.server().address(), CancellationToken::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let balancer = tokio::spawn({
        let gone = gone.clone();
        async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let gone = gone.clone();
                if gone.is_cancelled() {
                    // What is not read would make it a reset.
                    let _ = client.read(&mut [0; 64]).await;
                    continue;
                }
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let forwarded = copy_bidirectional(&mut client, &mut server);
                    if gone.run_until_cancelled(forwarded).await.is_none() {
                        std::future::pending().await
                    }
                });
            }
        }
    });
    let url = database.url().replace(&format!(":{}/", server.port()), &format!(":{port}/"));
    let builder = Db::<Postgres>::builder(url).keepalive(Duration::from_millis(200));
    let db = builder.connect_timeout(Duration::from_secs(1)).connect_lazy().unwrap();
    let mut dedicated = db.dedicated("a report").await.unwrap();
    gone.cancel();
    let select = async |conn: &mut _| sqlx::query("SELECT 1").execute(conn).await;
    let lost = timeout(wait::LIMIT, dedicated.run(select)).await.expect("an end in time");
    assert!(matches!(lost, Err(Error::SessionLost { .. })), "{lost:?}");
    balancer.abort();
}

#[tokio::test]
async fn so_does_a_migration() {
    let database = PostgresDatabase::named("connects_migrating").await;
    let proxy = Proxy::start(database.server().address());
    let builder = Db::<Postgres>::builder(proxy.url(&database.url()));
    let builder = builder.keepalive(Duration::from_millis(200));
    let db = builder.connect_timeout(Duration::from_millis(300)).connect_lazy().unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("1_slow.sql"), "SELECT pg_sleep(600)").unwrap();
    let migrator = sqlx::migrate::Migrator::new(directory.path()).await.unwrap();
    let migrating = tokio::spawn(async move { db.migrate(&migrator).await });
    wait::until("the migration", async || {
        database.sessions().await.iter().any(|session| session.query.contains("pg_sleep"))
    })
    .await;
    proxy.pause();
    let lost = tokio::time::timeout(wait::LIMIT, migrating).await.expect("an end").unwrap();
    assert!(matches!(lost, Err(Error::SessionLost { .. })), "{lost:?}");
    proxy.resume();
}

#[test]
fn a_password_that_is_not_encoded_is_named() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    for password in ["p/q", "1/2", "p?q", "p#q"] {
        let url = format!("postgres://app:{password}@localhost/db");
        let error = Db::<Postgres>::builder(url).connect_lazy().unwrap_err().to_string();
        assert!(error.contains("write `@` as `%40`, `:` as `%3A`"), "{password}: {error}");
        assert!(!error.contains(password), "{error}");
    }
}

/// These two leave no doubt about where it ends.
#[tokio::test]
async fn so_it_is_or_it_is_understood() {
    let database = PostgresDatabase::named("connects_coded").await;
    let mut admin = database.server().admin().await;
    let role = "CREATE ROLE coded LOGIN PASSWORD 'p@q:r'";
    sqlx::raw_sql(role).execute(&mut admin).await.unwrap();
    for password in ["p@q:r", "p%40q%3Ar"] {
        let url = database.server().url_for("coded", password, "postgres");
        Db::<Postgres>::connect(url).await.unwrap();
    }
}

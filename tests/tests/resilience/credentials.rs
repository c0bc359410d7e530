//! Passwords that rotate.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use shortlease::{Credentials, Db, Error, Postgres, Sqlite};
use shortlease_tests::handlers::sleep;
use shortlease_tests::postgres::Server;
use shortlease_tests::wait;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use tokio::sync::Notify;

/// The store of secrets: the password of now, and how often it was asked for.
#[derive(Clone)]
struct Store {
    password: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Store {
    fn with(password: &str) -> Self {
        let password = Arc::new(Mutex::new(password.to_owned()));
        Store { password, asked: Arc::default() }
    }

    fn db(&self, server: &Server) -> Db<Postgres> {
        let store = self.clone();
        let url = server.url_for("rotating", "not-this", "postgres");
        let builder = Db::<Postgres>::builder(url).max_connections(2).credentials(move || {
            store.asked.fetch_add(1, Ordering::Relaxed);
            let password = store.password.lock().unwrap().clone();
            async move { Ok(Credentials::password(password)) }
        });
        builder.connect_lazy().unwrap()
    }

    fn rotate(&self, password: &str) {
        *self.password.lock().unwrap() = password.to_owned();
    }
}

async fn alter(admin: &mut PgConnection, password: &str) {
    let alter = format!(
        "ALTER ROLE rotating PASSWORD '{password}';
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotating'"
    );
    sqlx::raw_sql(AssertSqlSafe(alter)).execute(admin).await.unwrap();
}

async fn server() -> (Server, PgConnection) {
    let server = Server::start().await;
    let mut admin = server.admin().await;
    let role = "CREATE ROLE rotating LOGIN PASSWORD 'first'";
    sqlx::raw_sql(role).execute(&mut admin).await.unwrap();
    (server, admin)
}

#[tokio::test]
async fn each_connect_asks_for_the_password_of_now() {
    let (server, mut admin) = server().await;
    let store = Store::with("first");
    let db = store.db(&server);
    sleep(&mut db.session(), 0.0).await.unwrap();
    alter(&mut admin, "second").await;
    store.rotate("second");
    wait::until("a new connection", async || sleep(&mut db.session(), 0.0).await.is_ok()).await;
    // So do those beside the pool: the one that cancels a statement, and dedicated ones.
    let mut session = db.session();
    let dropped = tokio::time::timeout(Duration::from_millis(200), sleep(&mut session, 600.0));
    assert!(dropped.await.is_err());
    wait::until("the recovery", async || {
        let status = db.status();
        status.recovering == 0 && status.idle > 0
    })
    .await;
    drop(db.dedicated("as the others").await.unwrap());
    assert!(!format!("{db:?} {:?}", Credentials::password("second")).contains("second"));
}

/// As stores of secrets do that make a login for each lease of theirs: a new one may not see the sessions of the
/// one before, which are there nevertheless.
#[tokio::test]
async fn a_session_outlives_the_login_of_new_ones() {
    let (server, mut admin) = server().await;
    let next = "CREATE ROLE next LOGIN PASSWORD 'next'";
    sqlx::raw_sql(next).execute(&mut admin).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let url = server.url_for("nobody", "not-this", "postgres");
    let builder = Db::<Postgres>::builder(url).keepalive(Duration::from_millis(50));
    let builder = builder.credentials({
        let asked = Arc::clone(&asked);
        move || {
            let nth = asked.fetch_add(1, Ordering::Relaxed);
            let (user, password) = [("rotating", "first"), ("next", "next")][nth.min(1)];
            async move { Ok(Credentials::password(password).user(user)) }
        }
    });
    let db = builder.connect_lazy().unwrap();
    let mut dedicated = db.dedicated("as the first login").await.unwrap();
    let looked_after = async |_: &mut PgConnection| {
        wait::until("several looks", async || asked.load(Ordering::Relaxed) > 3).await;
    };
    dedicated.run(looked_after).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotating'";
    sqlx::raw_sql(end).execute(&mut admin).await.unwrap();
    let lost = dedicated.run(async |_| std::future::pending::<()>().await).await;
    assert!(matches!(lost, Err(Error::SessionLost { .. })), "{lost:?}");
}

/// Who ends the session of a connection that was dropped waits for a password.
#[tokio::test]
async fn the_next_dedicated_connection_waits_for_the_end_of_the_last() {
    let (server, _admin) = server().await;
    let (asked, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let builder = Db::<Postgres>::builder(server.url_for("rotating", "", "postgres"));
    let builder = builder.credentials({
        let (asked, gate) = (Arc::clone(&asked), Arc::clone(&gate));
        move || {
            let nth = asked.fetch_add(1, Ordering::Relaxed);
            let gate = Arc::clone(&gate);
            async move {
                if nth == 1 {
                    gate.notified().await;
                }
                Ok(Credentials::password("first"))
            }
        }
    });
    let db = builder.connect_lazy().unwrap();
    let mut dedicated = db.dedicated("the first").await.unwrap();
    let sleep = dedicated.run(async |conn| conn.execute("SELECT pg_sleep(600)").await.map(drop));
    assert!(tokio::time::timeout(Duration::from_millis(100), sleep).await.is_err());
    drop(dedicated);
    wait::until("the question", async || asked.load(Ordering::Relaxed) == 2).await;
    let mut next = pin!(db.dedicated("the next"));
    assert!(next.as_mut().now_or_never().is_none());
    assert_eq!(asked.load(Ordering::Relaxed), 2, "it connects already");
    gate.notify_one();
    let mut next = next.await.unwrap();
    wait::until("its end", async || {
        let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'";
        let sleeps = sqlx::query_scalar::<_, i64>(sleeps).fetch_one(&mut *next).await;
        sleeps.unwrap() == 0
    })
    .await;
}

/// The password changes while it is on its way.
#[tokio::test]
async fn it_is_asked_once_more_if_it_is_refused() {
    let (server, mut admin) = server().await;
    let store = Store::with("first");
    let rotates = store.clone();
    let url = server.url_for("rotating", "not-this", "postgres");
    let builder = Db::<Postgres>::builder(url).credentials(move || {
        let nth = rotates.asked.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Credentials::password(["first", "second"][nth.min(1)])) }
    });
    let db = builder.connect_lazy().unwrap();
    alter(&mut admin, "second").await;
    sleep(&mut db.session(), 0.0).await.unwrap();
    assert_eq!(store.asked.load(Ordering::Relaxed), 2);
    // Not for ever.
    let wrong = Store::with("wrong");
    let error = sleep(&mut wrong.db(&server).session(), 0.0).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert_eq!(wrong.asked.load(Ordering::Relaxed), 2);
    assert!(!error.to_string().contains("wrong"), "{error}");
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_of_the_connect() {
    let (server, _) = server().await;
    let url = server.url_for("rotating", "first", "postgres");
    let builder =
        Db::<Postgres>::builder(url).credentials(|| async { Err("the store is sealed".into()) });
    let error = sleep(&mut builder.connect_lazy().unwrap().session(), 0.0).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(error.to_string().contains("the store is sealed"), "{error}");
    let sqlite = Db::<Sqlite>::builder("sqlite::memory:")
        .credentials(|| async { Ok(Credentials::password("")) });
    let refused = sqlite.connect_lazy();
    assert!(matches!(refused, Err(Error::Setting { setting: "credentials", .. })));
}

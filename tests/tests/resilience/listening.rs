//! Listeners: what they receive, what they miss and say so, and their end.

use std::time::Duration;

use shortlease::{Db, Error, Heard, Listener, Postgres};
use shortlease_tests::proxy::Proxy;
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use sqlx::PgPool;
use tokio::time::timeout;

async fn notify(database: &PostgresDatabase, payload: &str) {
    let notify = sqlx::query("SELECT pg_notify('jobs', $1)").bind(payload);
    let url = database.server().url_for("postgres", "", database.name());
    let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
    notify.execute(&mut other).await.unwrap();
}

async fn heard(listener: &mut Listener) -> String {
    told(timeout(wait::LIMIT, listener.recv()).await.expect("it hears something").unwrap())
}

fn told(heard: Heard) -> String {
    match heard {
        Heard::Notification(notification) => notification.payload().to_owned(),
        Heard::MayHaveMissed => "may have missed something".to_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_listener_hears_and_counts_as_dedicated() {
    let database = PostgresDatabase::new().await;
    let db = database.builder().connect_lazy().unwrap();
    // In a task, and with names as a configuration has them.
    let listens = async move |db: Db<Postgres>| {
        let mut listener = db.listen("jobs to do", &["jobs".to_owned()]).await.unwrap();
        notify(&database, "first").await;
        assert_eq!(heard(&mut listener).await, "first");
        (database, listener)
    };
    let (database, mut listener) = tokio::spawn(listens(db.clone())).await.unwrap();
    // Dropped while it waits, it misses nothing.
    assert!(timeout(Duration::from_millis(20), listener.recv()).await.is_err());
    notify(&database, "second").await;
    assert_eq!(heard(&mut listener).await, "second");
    match db.dedicated("another").await {
        Err(Error::Setting { setting: "max_dedicated", reason }) => {
            assert!(reason.contains("jobs to do"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    match db.listen("", &["jobs"]).await {
        Err(Error::Setting { setting: "dedicated", .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_says_when_it_may_have_missed_something() {
    let database = PostgresDatabase::new().await;
    let proxy = Proxy::start(database.server().address());
    let db = Db::<Postgres>::builder(proxy.url(&database.url())).connect_lazy().unwrap();
    let mut listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    proxy.reset().await;
    notify(&database, "lost").await;
    assert_eq!(heard(&mut listener).await, "may have missed something");
    notify(&database, "first").await;
    assert_eq!(heard(&mut listener).await, "first");
}

/// Its connection is not one of that pool, which tries again by itself.
#[tokio::test]
async fn over_a_pool_of_sqlx_it_connects_again_too() {
    let database = PostgresDatabase::new().await;
    let proxy = Proxy::start(database.server().address());
    let pool = PgPool::connect_lazy(&proxy.url(&database.url())).unwrap();
    let builder = Db::builder_from_pool(pool).connect_timeout(Duration::from_millis(500));
    let db = builder.connect_lazy().unwrap();
    let mut listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    proxy.refuse().await;
    proxy.reset().await;
    let hearing = tokio::spawn(async move { heard(&mut listener).await });
    // Longer than one connect.
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.accept().await;
    assert_eq!(hearing.await.unwrap(), "may have missed something");
}

#[tokio::test]
async fn channels_that_cannot_be_are_refused() {
    let db = Db::<Postgres>::builder("postgres://nobody@localhost:1/none").connect_lazy().unwrap();
    let long = "x".repeat(64);
    for channels in [&[][..], &[""], &["a\0b"], &["jobs", &long]] {
        let Err(error) = db.listen("jobs to do", channels).await else { panic!("{channels:?}") };
        assert!(matches!(error, Error::Setting { setting: "channels", .. }), "{error:?}");
    }
}

/// A firewall has forgotten it: nothing comes, and nothing is refused.
#[tokio::test]
async fn it_asks_a_silent_server_for_a_sign_of_life() {
    let database = PostgresDatabase::new().await;
    let proxy = Proxy::start(database.server().address());
    let builder = Db::<Postgres>::builder(proxy.url(&database.url()));
    let db = builder.keepalive(Duration::from_millis(200)).connect_lazy().unwrap();
    let mut listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    proxy.pause();
    let hearing = tokio::spawn(async move {
        let heard = heard(&mut listener).await;
        (heard, listener)
    });
    // It does not answer within 5 s.
    tokio::time::sleep(Duration::from_secs(7)).await;
    proxy.resume();
    let (heard, _listener) = hearing.await.unwrap();
    assert_eq!(heard, "may have missed something");
}

/// As in a `select!` beside a timer.
async fn heard_between_ticks(listener: &mut Listener) -> String {
    const TICK: Duration = Duration::from_millis(50);
    let ticking = async {
        loop {
            if let Ok(heard) = timeout(TICK, listener.recv()).await {
                return heard.unwrap();
            }
        }
    };
    told(timeout(wait::LIMIT, ticking).await.expect("it hears something"))
}

#[tokio::test]
async fn beside_a_timer_that_is_shorter_than_a_connect_it_connects_again() {
    let database = PostgresDatabase::new().await;
    let proxy = Proxy::start(database.server().address());
    let db = Db::<Postgres>::builder(proxy.url(&database.url())).connect_lazy().unwrap();
    let mut listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    proxy.delay(Duration::from_millis(40));
    proxy.reset().await;
    assert_eq!(heard_between_ticks(&mut listener).await, "may have missed something");
    notify(&database, "first").await;
    assert_eq!(heard_between_ticks(&mut listener).await, "first");
}

#[tokio::test]
async fn beside_a_timer_that_is_shorter_than_the_keepalive_it_asks_for_a_sign_of_life() {
    let database = PostgresDatabase::new().await;
    let proxy = Proxy::start(database.server().address());
    let builder = Db::<Postgres>::builder(proxy.url(&database.url()));
    let db = builder.keepalive(Duration::from_millis(200)).connect_lazy().unwrap();
    let mut listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    let before = proxy.counts().to_server.chunks;
    wait::until("a sign of life", async || {
        assert!(timeout(Duration::from_millis(20), listener.recv()).await.is_err());
        proxy.counts().to_server.chunks > before
    })
    .await;
    notify(&database, "first").await;
    assert_eq!(heard_between_ticks(&mut listener).await, "first");
}

#[tokio::test]
async fn it_ends_with_the_pool() {
    let database = PostgresDatabase::new().await;
    let db = database.builder().connect_lazy().unwrap();
    let mut listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    let hearing = tokio::spawn(async move { listener.recv().await.map(drop) });
    tokio::task::yield_now().await;
    let _ = db.close(Duration::from_secs(5)).await;
    assert!(matches!(hearing.await.unwrap(), Err(Error::Closed)));
    wait::until("the end of its session", async || database.sessions().await.is_empty()).await;
    assert!(matches!(db.listen("more", &["jobs"]).await, Err(Error::Closed)));
}

#[tokio::test]
async fn it_can_be_dropped_outside_of_any_runtime() {
    let database = PostgresDatabase::new().await;
    let db = database.builder().connect_lazy().unwrap();
    let listener = db.listen("jobs to do", &["jobs"]).await.unwrap();
    std::thread::spawn(move || drop(listener)).join().expect("no panic");
    wait::until("the end of its session", async || database.sessions().await.is_empty()).await;
}

//! What the metrics and events say about leases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use shortlease::{Builder, Db, Error, Pooler, Postgres, Session, WaitPhase, handler};
use shortlease_tests::handlers::{in_query, sleep};
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;
use shortlease_tests::{scratch, wait};
use sqlx::{Connection, PgConnection};

/// All values of a metric, by name and labels; the unit and description of each, by name; and all that were
/// registered, by name and labels.
#[derive(Clone, Default)]
pub(crate) struct Book(
    Arc<Mutex<BTreeMap<String, Vec<f64>>>>,
    Arc<Mutex<BTreeMap<String, (Unit, String)>>>,
    Arc<Mutex<BTreeSet<String>>>,
);

struct Entry {
    book: Book,
    name: String,
}

impl Book {
    pub(crate) fn installed() -> Book {
        static BOOK: OnceLock<Book> = OnceLock::new();
        BOOK.get_or_init(|| {
            let book = Book::default();
            metrics::set_global_recorder(book.clone()).unwrap();
            book
        })
        .clone()
    }

    fn entry(&self, key: &Key) -> Arc<Entry> {
        let labels: Vec<_> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(", "));
        self.2.lock().unwrap().insert(name.clone());
        Arc::new(Entry { book: self.clone(), name })
    }

    /// The values of the metrics of a pool whose name and labels contain all of `parts`.
    fn values(&self, pool: &str, parts: &[&str]) -> Vec<f64> {
        let pool = format!("pool.name={pool}");
        let book = self.0.lock().unwrap();
        book.iter()
            .filter(|(name, _)| name.contains(&pool) && parts.iter().all(|p| name.contains(p)))
            .flat_map(|(_, values)| values.iter().copied())
            .collect()
    }

    /// The names and labels of the metrics of a pool that were registered, counted or not.
    fn series(&self, pool: &str, parts: &[&str]) -> Vec<String> {
        let pool = format!("pool.name={pool}");
        let registered = self.2.lock().unwrap();
        let of_pool =
            |name: &&String| name.contains(&pool) && parts.iter().all(|part| name.contains(part));
        registered.iter().filter(of_pool).cloned().collect()
    }

    fn describe(&self, name: KeyName, unit: Option<Unit>, meaning: SharedString) {
        let described = (unit.expect("a unit"), meaning.into_owned());
        self.1.lock().unwrap().insert(name.as_str().to_owned(), described);
    }

    pub(crate) fn sum(&self, pool: &str, parts: &[&str]) -> f64 {
        self.values(pool, parts).iter().sum()
    }
}

impl Entry {
    fn add(&self, value: f64) {
        let mut book = self.book.0.lock().unwrap();
        book.entry(self.name.clone()).or_default().push(value);
    }
}

impl CounterFn for Entry {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {
        unreachable!("not used")
    }
}

impl GaugeFn for Entry {
    fn increment(&self, value: f64) {
        self.add(value);
    }

    fn decrement(&self, value: f64) {
        self.add(-value);
    }

    fn set(&self, value: f64) {
        self.book.0.lock().unwrap().insert(self.name.clone(), vec![value]);
    }
}

impl HistogramFn for Entry {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl Recorder for Book {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, meaning: SharedString) {
        self.describe(name, unit, meaning);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, meaning: SharedString) {
        self.describe(name, unit, meaning);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, meaning: SharedString) {
        self.describe(name, unit, meaning);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.entry(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.entry(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.entry(key))
    }
}

#[handler]
async fn dawdle(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |_conn| {
        let until = std::time::Instant::now() + Duration::from_millis(50);
        while std::time::Instant::now() < until {}
        Ok(())
    })
    .await
}

async fn raw(connection: &mut sqlx::PgConnection) {
    sqlx::raw_sql("SELECT 1").execute(connection).await.unwrap();
}

#[handler]
async fn lend(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.unchecked("a test", raw).await;
        Ok(())
    })
    .await
}

async fn builder(name: &str) -> Builder<Postgres> {
    scratch::builder(name).await.1.name(name).max_connections(1)
}

#[tokio::test]
async fn connections_are_counted_by_state() {
    let book = Book::installed();
    let db = builder("telemetry_count").await.idle_timeout(Duration::from_millis(200));
    let db = db.connect_lazy().unwrap();
    let count = |state| book.sum("telemetry_count", &["db.client.connection.count", state]);
    assert_eq!((count("state=idle"), count("state=used")), (0.0, 0.0));
    let mut session = db.session();
    let running = tokio::spawn(async move { sleep(&mut session, 0.2).await });
    in_query(&db, 1).await;
    assert_eq!((count("state=idle"), count("state=used")), (0.0, 1.0));
    let mut session = db.session();
    let waiting = tokio::spawn(async move { sleep(&mut session, 0.0).await });
    let pending = || book.sum("telemetry_count", &["pending_requests"]);
    wait::until("a pending request", async || pending() == 1.0).await;
    running.await.unwrap().unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(pending(), 0.0);
    wait::until("no connection", async || count("state=idle") == 0.0).await;
    assert_eq!(count("state=used"), 0.0);
    assert_eq!(book.values("telemetry_count", &["create_time"]).len(), 1);
}

#[tokio::test]
async fn what_nobody_uses_is_idle_once() {
    let book = Book::installed();
    let db = builder("telemetry_idle").await.connect_lazy().unwrap();
    let count = |state| book.sum("telemetry_idle", &["db.client.connection.count", state]);
    let counts = || (count("state=idle"), count("state=used"));
    for _ in 0..2 {
        sleep(&mut db.session(), 0.0).await.unwrap();
        assert_eq!(counts(), (1.0, 0.0));
    }
    // Brought back after a lease that was dropped.
    let mut session = db.session();
    let dropped = tokio::spawn(async move { sleep(&mut session, 600.0).await });
    in_query(&db, 1).await;
    assert_eq!(counts(), (0.0, 1.0));
    dropped.abort();
    wait::until("its recovery", async || counts() == (1.0, 0.0)).await;
    assert_eq!(book.sum("telemetry_idle", &["shortlease.recoveries", "outcome=kept"]), 1.0);
}

#[tokio::test]
async fn what_was_revoked_is_not_in_use() {
    let book = Book::installed();
    let db = builder("telemetry_revoked").await.connect_lazy().unwrap();
    let count = |parts: &[&str]| book.sum("telemetry_revoked", parts);
    let mut session = db.session();
    let mut unpolled = Box::pin(sleep(&mut session, 600.0));
    tokio::select! {
        biased;
        done = &mut unpolled => panic!("it sleeps: {done:?}"),
        () = wait::until("a query", async || db.leases().iter().any(|holder| holder.in_query)) => {}
    }
    assert_eq!(count(&["state=used"]), 1.0);
    assert_eq!(db.close(Duration::ZERO).await.revoked.len(), 1);
    assert_eq!(count(&["shortlease.lease.revoked", "handlers::sleep"]), 1.0);
    assert_eq!(count(&["state=used"]), 0.0);
    let times = || {
        ["connection.use_time", "lease.idle_time"]
            .map(|metric| book.values("telemetry_revoked", &[metric]))
    };
    let [used, idle] = times();
    assert_eq!((used.len(), idle.len()), (1, 1), "it may never be dropped");
    assert!(used[0] > 0.0 && idle[0] < used[0], "{idle:?} of {used:?}: a statement was under way");
    // Its end is not another.
    drop(unpolled);
    assert_eq!(count(&["state=used"]), 0.0);
    assert_eq!(times(), [used, idle]);
}

#[tokio::test]
async fn every_metric_has_a_unit_and_a_meaning() {
    let book = Book::installed();
    let db = builder("telemetry_described").await.connect_lazy().unwrap();
    sleep(&mut db.session(), 0.0).await.unwrap();
    assert_eq!(book.values("telemetry_described", &["db.client.connection.max{"]), [1.0]);
    let described = book.1.lock().unwrap().clone();
    let names: Vec<String> = book.0.lock().unwrap().keys().cloned().collect();
    for name in &names {
        let name = name.split('{').next().unwrap();
        let (unit, meaning) = described.get(name).unwrap_or_else(|| panic!("{name}"));
        let seconds = name.ends_with("_time");
        assert_eq!(*unit, if seconds { Unit::Seconds } else { Unit::Count }, "{name}");
        assert!(!meaning.is_empty(), "{name}");
    }
}

const SLEEP: &str = "site=shortlease_tests::handlers::sleep (tests/src/handlers.rs:";
const DAWDLE: &str = "site=postgres::telemetry::dawdle (tests/tests/postgres/telemetry.rs:";

#[tokio::test]
async fn times_are_kept_by_call_site() {
    let book = Book::installed();
    let db = builder("telemetry_times").await.connect_lazy().unwrap();
    let mut session = db.session();
    sleep(&mut session, 0.05).await.unwrap();
    dawdle(&mut session).await.unwrap();
    let one = |metric, site| {
        let values = book.values("telemetry_times", &[metric, site]);
        assert_eq!(values.len(), 1, "{metric} of {site}");
        values[0]
    };
    // Seconds. Held while a statement ran, and held while none did.
    assert!(one("connection.use_time", SLEEP) >= 0.05);
    assert!(one("lease.idle_time", SLEEP) < one("connection.use_time", SLEEP));
    assert!(one("lease.idle_time", DAWDLE) >= 0.05);
    // The first one waited for its connection to be made.
    assert!(one("connection.wait_time", SLEEP) > one("connection.wait_time", DAWDLE));
}

#[tokio::test]
async fn what_went_wrong_is_counted() {
    let book = Book::installed();
    let db = builder("telemetry_wrong")
        .await
        .acquire_timeout(Duration::from_millis(50))
        .max_lease(Duration::from_millis(400))
        .connect_lazy()
        .unwrap();
    // Connected first: that may take longer than `acquire_timeout`.
    wait::until("a connection", async || sleep(&mut db.session(), 0.0).await.is_ok()).await;
    let count = |parts: &[&str]| book.sum("telemetry_wrong", parts);
    let timeouts = count(&["db.client.connection.timeouts", "phase=queue"]);
    let mut session = db.session();
    let running = tokio::spawn(async move { sleep(&mut session, 600.0).await });
    in_query(&db, 1).await;
    assert!(matches!(sleep(&mut db.session(), 0.0).await, Err(Error::Busy(_))));
    assert_eq!(count(&["db.client.connection.timeouts", "phase=queue"]), timeouts + 1.0);
    assert!(matches!(running.await.unwrap(), Err(Error::LeaseExpired { .. })));
    assert_eq!(count(&["shortlease.lease.expired", "handlers::sleep"]), 1.0);
    // Cut in the middle of its statement, it was not idle for that time.
    let most = |metric| book.values("telemetry_wrong", &[metric]).into_iter().fold(0.0, f64::max);
    assert!(most("connection.use_time") >= 0.4);
    assert!(most("lease.idle_time") < 0.3);
    wait::until("a recovery", async || count(&["shortlease.recoveries"]) == 1.0).await;
    // A series that is new is an alert: there is none before the first count, nor for what this pool never waits for.
    assert!(book.series("telemetry_wrong", &["shortlease.unchecked"]).is_empty());
    let phases = book.series("telemetry_wrong", &["connection.timeouts", "handlers::sleep"]);
    assert_eq!(phases.len(), 3, "{phases:?}");
    wait::until("a lease", async || lend(&mut db.session()).await.is_ok()).await;
    assert_eq!(count(&["shortlease.unchecked", "telemetry::lend"]), 1.0);
}

#[tokio::test]
async fn waiting_for_a_pooler_is_counted_as_such() {
    let book = Book::installed();
    let server = Server::shared().await;
    server.create_database("telemetry_pooler").await;
    let bouncer = PgBouncer::start(server, &[("default_pool_size", "1")]).await;
    let url = bouncer.url("telemetry_pooler");
    // Another client has the one session.
    let mut other = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut other).await.unwrap();
    let db = Db::builder(url)
        .name("telemetry_pooler")
        .pooler(Pooler::Transaction)
        .validate_after(Duration::from_secs(600))
        .acquire_timeout(Duration::from_millis(200))
        .connect_lazy()
        .unwrap();
    let timeouts = |phase: &str| {
        let phase = format!("phase={phase}");
        book.sum("telemetry_pooler", &["db.client.connection.timeouts", &phase])
    };
    // On a busy machine the first may still be connecting.
    wait::until("a lease that waits for the pooler", async || {
        let before = timeouts("pooler");
        let busy = match sleep(&mut db.session(), 0.0).await {
            Err(Error::Busy(busy)) => busy,
            other => panic!("{other:?}"),
        };
        let waited = busy.phase == WaitPhase::Pooler;
        assert_eq!(timeouts("pooler") - before, f64::from(u8::from(waited)), "{busy}");
        waited
    })
    .await;
}

#[tokio::test]
async fn what_a_dropped_handle_held_is_not_counted() {
    let book = Book::installed();
    let db = builder("telemetry_dropped").await.connect_lazy().unwrap();
    let idle = || book.sum("telemetry_dropped", &["state=idle"]);
    sleep(&mut db.session(), 0.0).await.unwrap();
    assert_eq!(idle(), 1.0);
    drop(db);
    wait::until("the end of the pool", async || idle() == 0.0).await;
}

#[tokio::test]
async fn dedicated_connections_are_counted_and_bounded() {
    let book = Book::installed();
    let db = builder("telemetry_dedicated").await.max_dedicated(2).connect_lazy().unwrap();
    let count = || book.sum("telemetry_dedicated", &["state=dedicated"]);
    let mut listener = db.dedicated("news").await.unwrap();
    let other = db.dedicated("a lock").await.unwrap();
    assert_eq!(count(), 2.0);
    assert!(matches!(db.dedicated(" ").await, Err(Error::Setting { setting: "dedicated", .. })));
    match db.dedicated("one more").await {
        Err(Error::Setting { setting: "max_dedicated", reason }) => {
            assert!(reason.contains("\"news\", \"a lock\""), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    // Beside the lease pool, and without its limits.
    sleep(&mut db.session(), 0.0).await.unwrap();
    let limit: String = sqlx::query_scalar("SELECT current_setting('statement_timeout')")
        .fetch_one(&mut *listener)
        .await
        .unwrap();
    assert_eq!(limit, "0");
    listener.close().await.unwrap();
    drop(other);
    assert_eq!(count(), 0.0);
    db.dedicated("one more").await.unwrap().close().await.unwrap();
    let kept = db.dedicated("jobs").await.unwrap();
    assert_eq!(db.close(Duration::ZERO).await.dedicated, ["jobs"]);
    drop(kept);
    assert!(db.close(Duration::ZERO).await.dedicated.is_empty());
    assert!(matches!(db.dedicated("too late").await, Err(Error::Closed)));
}

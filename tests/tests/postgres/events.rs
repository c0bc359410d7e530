//! The events and spans that tell of leases.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shortlease::{Builder, Credentials, Db, Error, Postgres, Session, handler};
use shortlease_tests::handlers::{in_query, sleep};
use shortlease_tests::postgres::{PASSWORD, USER};
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::{scratch, wait};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// What was told on this thread: of each event its level and fields, the message among them; of each
/// span its name too.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Vec<(Level, Fields)>>>);

#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber> Layer<S> for Told {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.lock().unwrap().push((*event.metadata().level(), fields));
    }

    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut fields = Fields::default();
        span.record(&mut fields);
        fields.0.insert("span", span.metadata().name().to_owned());
        self.0.lock().unwrap().push((*span.metadata().level(), fields));
    }
}

impl Told {
    /// Returns `true` if a field has `text` in it.
    pub(super) fn has(&self, text: &str) -> bool {
        let told = self.0.lock().unwrap();
        told.iter().any(|(_, fields)| fields.0.values().any(|value| value.contains(text)))
    }

    pub(super) fn listen() -> (Told, DefaultGuard) {
        let told = Told::default();
        let listening = tracing_subscriber::registry().with(told.clone());
        (told, tracing::subscriber::set_default(listening))
    }

    /// What has `value` in its field `name`.
    fn with(&self, name: &str, value: &str) -> Vec<(Level, BTreeMap<&'static str, String>)> {
        let told = self.0.lock().unwrap();
        let having =
            told.iter().filter(|(_, fields)| fields.0.get(name).is_some_and(|v| v == value));
        having.map(|(level, fields)| (*level, fields.0.clone())).collect()
    }
}

#[handler]
async fn count(db: &mut Session<Postgres>) -> Result<i64, Error> {
    db.transaction(async |tx| sqlx::query_scalar("SELECT 1::int8").fetch_one(tx).await).await
}

async fn builder(name: &str) -> Builder<Postgres> {
    scratch::builder(name).await.1.name(name).max_connections(1)
}

fn names(fields: &BTreeMap<&'static str, String>) -> Vec<&'static str> {
    fields.keys().copied().collect()
}

#[tokio::test]
async fn a_lease_that_waits_in_vain_tells_of_the_pressure() {
    let (told, _listening) = Told::listen();
    let db = builder("events_pressure")
        .await
        .acquire_timeout(Duration::from_secs(4))
        .connect_lazy()
        .unwrap();
    // Connected first: that may take long enough to tell of.
    sleep(&mut db.session(), 0.0).await.unwrap();
    let before = told.with("message", "pool_pressure").len();
    let mut session = db.session();
    let running = tokio::spawn(async move { sleep(&mut session, 600.0).await });
    in_query(&db, 1).await;
    let waited = sleep(&mut db.session(), 0.0).await;
    assert!(matches!(waited, Err(Error::Busy(_))), "{waited:?}");
    running.abort();
    let pressures = told.with("message", "pool_pressure");
    let [(level, fields)] = &pressures[before..] else { panic!("{pressures:?}") };
    assert_eq!(*level, Level::WARN);
    let expected =
        ["max", "message", "phase", "pool", "recovering", "site", "used", "waited", "waiting"];
    assert_eq!(names(fields), expected);
    assert_eq!((fields["phase"].as_str(), fields["max"].as_str()), ("\"queue\"", "1"));
    assert_eq!(fields["pool"], "\"events_pressure\"");
    assert!(
        fields["site"].starts_with("shortlease_tests::handlers::sleep (tests/src/handlers.rs:"),
        "{fields:?}"
    );
    assert_eq!((fields["used"].as_str(), fields["waiting"].as_str()), ("1", "0"));
    assert!(fields["waited"].starts_with("4."), "{fields:?}");
}

#[tokio::test]
async fn one_that_fails_for_another_reason_tells_of_none() {
    let (told, _listening) = Told::listen();
    let limit = Duration::from_secs(2);
    let builder = builder("events_no_pressure").await.acquire_timeout(limit);
    let db = builder.connect_lazy().unwrap();
    sleep(&mut db.session(), 0.0).await.unwrap();
    let before = told.with("message", "pool_pressure").len();
    let mut session = db.session();
    let running = tokio::spawn(async move { sleep(&mut session, 600.0).await });
    in_query(&db, 1).await;
    let closing = async {
        // A wait that is long enough to tell of, if it had been for a connection.
        tokio::time::sleep(limit / 3).await;
        db.close(Duration::ZERO).await
    };
    let mut session = db.session();
    let (waited, _closed) = tokio::join!(sleep(&mut session, 0.0), closing);
    assert!(matches!(waited, Err(Error::Closed)), "{waited:?}");
    assert_eq!(told.with("message", "pool_pressure").len(), before);
    running.abort();
}

#[tokio::test]
async fn a_lease_that_is_cut_tells_what_it_did_with_its_time() {
    let (told, _listening) = Told::listen();
    let max_lease = Duration::from_millis(300);
    let db = builder("events_overrun").await.max_lease(max_lease).connect_lazy().unwrap();
    let cut = sleep(&mut db.session(), 600.0).await;
    assert!(matches!(cut, Err(Error::LeaseExpired { .. })), "{cut:?}");
    let overruns = told.with("message", "lease_overrun");
    let [(level, fields)] = &overruns[..] else { panic!("{overruns:?}") };
    assert_eq!(*level, Level::WARN);
    assert_eq!(names(fields), ["busy", "held", "message", "setting", "site"]);
    assert_eq!(fields["setting"], "\"max_lease\"");
    assert_ne!(fields["busy"], "0ns", "the statement that was cut was its only one");
    assert!(
        fields["site"].starts_with("shortlease_tests::handlers::sleep (tests/src/handlers.rs:"),
        "{fields:?}"
    );
}

#[tokio::test]
async fn a_lease_is_one_span() {
    let (told, _listening) = Told::listen();
    let db = builder("events_span").await.connect_lazy().unwrap();
    assert_eq!(count(&mut db.session()).await.unwrap(), 1);
    let spans = told.with("span", "lease");
    let [(level, fields)] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(*level, Level::DEBUG);
    assert!(
        fields["site"].starts_with("postgres::events::count (tests/tests/postgres/events.rs:"),
        "{fields:?}"
    );
}

#[handler]
async fn ask_too_much(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        // One parameter more than a message has room for.
        let mut many = sqlx::query("SELECT 1");
        for nth in 0..=i32::from(u16::MAX) {
            many = many.bind(nth);
        }
        let refused = many.execute(tx).await;
        assert!(matches!(refused, Err(sqlx::Error::Protocol(_))));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_commit_that_was_never_sent_is_not_told_as_cut_short() {
    let (told, _listening) = Told::listen();
    let db = builder("events_unsent").await.connect_lazy().unwrap();
    let outcome = ask_too_much(&mut db.session()).await;
    assert!(matches!(outcome, Err(Error::TransactionAborted { .. })), "{outcome:?}");
    let cut = told.with("message", "a COMMIT was cut short: its outcome is not known");
    assert!(cut.is_empty(), "{cut:?}");
}

/// `sqlx` logs each warning of the server, such as that there is no transaction to roll back.
#[tokio::test]
async fn a_recovery_warns_of_nothing() {
    let (told, _listening) = Told::listen();
    let db = builder("events_recovery").await.connect_lazy().unwrap();
    for _ in 0..2 {
        let mut session = db.session();
        let dropped = tokio::time::timeout(Duration::from_millis(100), sleep(&mut session, 600.0));
        assert!(dropped.await.is_err());
        wait::until("the recovery", async || {
            let status = db.status();
            status.recovering == 0 && status.idle == 1
        })
        .await;
    }
    let told = told.0.lock().unwrap();
    let of_it = |fields: &Fields| fields.0["message"].contains("transaction");
    let warnings: Vec<_> =
        told.iter().filter(|(level, fields)| *level <= Level::WARN && of_it(fields)).collect();
    assert!(warnings.is_empty(), "{warnings:?}");
}

/// A table whose rows are looked at for half a second at COMMIT.
const SLOW_COMMIT: &str = "CREATE TABLE slow (n INT); \
    CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql \
        AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$; \
    CREATE CONSTRAINT TRIGGER nap AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED \
        FOR EACH ROW EXECUTE FUNCTION nap()";

#[handler]
async fn insert(db: &mut Session<Postgres>, whole: bool) -> Result<(), Error> {
    let insert = || sqlx::query("INSERT INTO slow VALUES (1)");
    if whole {
        db.transaction(async |tx| Ok::<_, Error>(insert().execute(tx).await.map(drop)?)).await
    } else {
        db.lease(async |conn| Ok(insert().execute(conn).await.map(drop)?)).await
    }
}

/// Over a pool of `sqlx` a plain lease is a transaction too, of which nobody was promised anything.
#[tokio::test]
async fn a_commit_that_is_cut_is_told_of_once_and_recovered_without_a_word() {
    let (told, _listening) = Told::listen();
    let database = PostgresDatabase::new().await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&database.url()).await.unwrap();
    let own = database.builder().max_connections(1).connect().await.unwrap();
    let over_a_pool = Db::builder_from_pool(pool).connect().await.unwrap();
    own.session().execute(SLOW_COMMIT).await.unwrap();
    for (db, whole, times) in [(&own, true, 1), (&over_a_pool, true, 1), (&over_a_pool, false, 0)] {
        let cut = || told.with("message", "a COMMIT was cut short: its outcome is not known").len();
        let before = cut();
        let mut session = db.session();
        let dropped = tokio::time::timeout(Duration::from_millis(200), insert(&mut session, whole));
        assert!(dropped.await.is_err());
        wait::until("the recovery", async || db.status().recovering == 0).await;
        assert_eq!(cut() - before, times, "{whole}");
        drop(session);
        count(&mut db.session()).await.unwrap();
    }
    assert!(!told.has("there is no transaction in progress"));
}

#[handler]
async fn begin_by_hand(db: &mut Session<Postgres>, begin: String) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(begin)).execute(&mut *conn).await?;
        sqlx::query("SELECT pg_sleep(600)").execute(conn).await?;
        Ok(())
    })
    .await
}

/// Nothing here knows of such a transaction.
#[tokio::test]
async fn a_recovery_ends_a_transaction_that_was_begun_by_hand() {
    let (server, builder) = scratch::builder("events_by_hand").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    for begin in ["BEGIN", "BEGIN; SELECT now()"] {
        let mut session = db.session();
        let begun = begin_by_hand(&mut session, begin.to_owned());
        assert!(tokio::time::timeout(Duration::from_millis(100), begun).await.is_err());
        wait::until("the recovery", async || {
            let status = db.status();
            status.recovering == 0 && status.idle == 1
        })
        .await;
        let sessions = server.sessions("events_by_hand").await;
        assert!(sessions.iter().all(|s| s.state.as_deref() == Some("idle")), "{sessions:?}");
    }
}

/// By an address that is not this machine's, as far as its name tells.
#[tokio::test]
async fn a_connection_in_plain_text_is_told_once() {
    let (told, _listening) = Told::listen();
    let database = scratch::PostgresDatabase::named("events_plain").await;
    let url = database.url();
    let plain = || told.with("message", "the connection is not encrypted");
    let connect = async |url: String| {
        let db = Db::<Postgres>::builder(url).max_connections(2).connect().await.unwrap();
        let (mut one, mut other) = (db.session(), db.session());
        let (one, other) = tokio::join!(sleep(&mut one, 0.1), sleep(&mut other, 0.1));
        one.unwrap();
        other.unwrap();
    };
    connect(url.clone()).await;
    let away = url.replace("127.0.0.1", "0.0.0.0");
    connect(format!("{away}?sslmode=disable")).await;
    assert_eq!(plain().len(), 0);
    connect(away).await;
    let [(level, fields)] = &plain()[..] else { panic!("{:?}", plain()) };
    assert_eq!(*level, Level::WARN);
    assert_eq!(names(fields), ["host", "message", "reason", "sslmode"]);
    assert_eq!(fields["sslmode"], "\"prefer\"");
    assert_eq!(fields["reason"], "\"the server offers no TLS\"");
}

#[tokio::test]
async fn a_role_that_may_see_little_is_served_and_told_of_once() {
    let (told, _listening) = Told::listen();
    let database = scratch::PostgresDatabase::named("events_blind").await;
    let mut admin = PgConnection::connect(&database.url()).await.unwrap();
    let revoke = "REVOKE SELECT ON pg_roles FROM PUBLIC;
                  REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(int) FROM PUBLIC";
    sqlx::raw_sql(revoke).execute(&mut admin).await.unwrap();
    let url = database.server().url_for(USER, PASSWORD, "events_blind");
    let db = Db::<Postgres>::builder(url).max_connections(1).instances(1).connect().await.unwrap();
    for _ in 0..2 {
        let limit = sqlx::query_scalar::<_, String>("SHOW statement_timeout");
        assert_eq!(db.session().fetch_one(limit).await.unwrap(), "11s");
        let mut session = db.session();
        let dropped = tokio::time::timeout(Duration::from_millis(100), sleep(&mut session, 0.5));
        assert!(dropped.await.is_err());
        wait::until("its end", async || db.status().recovering == 0).await;
    }
    assert_eq!(told.with("message", "the server's limits are not known").len(), 1);
    let blind = "statements cannot be cancelled on the server, closing their connections";
    assert_eq!(told.with("message", blind).len(), 1);
}

/// As stores of secrets do that make a login for each connection: one may not see the sessions of another.
#[tokio::test]
async fn a_login_that_may_not_see_the_session_of_another_is_told_of() {
    let (told, _listening) = Told::listen();
    let database = scratch::PostgresDatabase::named("events_logins").await;
    let mut admin = PgConnection::connect(&database.url()).await.unwrap();
    let roles = "DROP ROLE IF EXISTS login_of_now, login_of_before;
                 CREATE ROLE login_of_now LOGIN PASSWORD 'one';
                 CREATE ROLE login_of_before LOGIN PASSWORD 'one'";
    sqlx::raw_sql(roles).execute(&mut admin).await.unwrap();
    let first = AtomicBool::new(true);
    let url = database.server().url_for("nobody", "not-this", "events_logins");
    let builder = Db::<Postgres>::builder(url).max_connections(1).credentials(move || {
        let first = first.swap(false, Ordering::Relaxed);
        let user = if first { "login_of_before" } else { "login_of_now" };
        async move { Ok(Credentials::password("one").user(user)) }
    });
    let db = builder.connect_lazy().unwrap();
    let warnings = || {
        let blind = "statements cannot be cancelled on the server, closing their connections";
        told.with("message", blind)
    };
    for login in ["login_of_before", "login_of_now"] {
        let user = sqlx::query_scalar::<_, String>("SELECT session_user::text");
        assert_eq!(db.session().fetch_one(user).await.unwrap(), login);
        let mut session = db.session();
        let dropped = tokio::time::timeout(Duration::from_millis(100), sleep(&mut session, 2.0));
        assert!(dropped.await.is_err());
        wait::until("its end", async || db.status().recovering == 0).await;
        // The second is of the login that also cancels.
        assert_eq!(warnings().len(), 1, "{:?}", warnings());
    }
    let reason = &warnings()[0].1["reason"];
    assert!(reason.contains("grant the logins pg_read_all_stats"), "{reason}");
}

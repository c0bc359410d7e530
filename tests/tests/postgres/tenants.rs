//! Many tenants on one pool.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use shortlease::{Db, Error, Pooler, Postgres, Session, handler};
use shortlease_tests::handlers::{in_query, sleep};
use shortlease_tests::postgres::Server;
use shortlease_tests::scratch::{behind_proxy, builder};
use shortlease_tests::wait;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgHasArrayType, PgTypeInfo};
use tokio::task::coop;

/// Names that must be taken for what they are.
const TENANTS: [&str; 7] = [
    "acme",
    "Acme, Inc.",
    r#"quo"te"#,
    r#"x"; DROP SCHEMA acme CASCADE; --"#,
    "a', 'b",
    r"back\slash $1 %s",
    "ünïcode ☃",
];

#[handler]
async fn read(db: &mut Session<Postgres>) -> Result<String, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT name FROM self").fetch_one(conn).await).await
}

#[handler]
async fn write(db: &mut Session<Postgres>, undo: bool) -> Result<i64, Error> {
    db.transaction(async |tx| {
        let insert = sqlx::query("INSERT INTO self VALUES ('again')").execute(&mut *tx).await?;
        assert_eq!(insert.rows_affected(), 1);
        let count = sqlx::query_scalar("SELECT count(*) FROM self").fetch_one(tx).await?;
        if undo { Err(Error::Closed) } else { Ok(count) }
    })
    .await
}

async fn with_schemas(name: &str, connections: u32) -> (&'static Server, Db<Postgres>) {
    let (server, builder) = builder(name).await;
    let db = builder.max_connections(connections).connect_lazy().unwrap();
    for tenant in TENANTS {
        let schema = format!("\"{}\"", tenant.replace('"', "\"\""));
        let name = tenant.replace('\'', "''");
        let create = format!(
            "CREATE SCHEMA {schema}; CREATE TABLE {schema}.self (name text);
             INSERT INTO {schema}.self VALUES ('{name}')"
        );
        db.session().execute(sqlx::raw_sql(AssertSqlSafe(create))).await.unwrap();
    }
    (server, db)
}

#[tokio::test]
async fn each_sees_its_own_schema_and_leaves_nothing_behind() {
    let (server, db) = with_schemas("tenants_own", 1).await;
    for _ in 0..2 {
        for tenant in TENANTS {
            let mut session = db.session().tenant(tenant);
            assert_eq!(read(&mut session).await.unwrap(), tenant);
            let one: String =
                session.fetch_one(sqlx::query_scalar("SELECT name FROM self")).await.unwrap();
            assert_eq!(one, tenant);
            // One connection for all of them, and no trace of the last on it.
            let path = sqlx::query_scalar::<_, String>("SHOW search_path");
            assert_eq!(db.session().fetch_one(path).await.unwrap(), "\"$user\", public");
        }
    }
    assert_eq!(server.sessions("tenants_own").await.len(), 1);
    let mut acme = db.session().tenant("acme");
    assert!(matches!(write(&mut acme, true).await, Err(Error::Closed)));
    assert_eq!(write(&mut acme, false).await.unwrap(), 2);
    assert_eq!(write(&mut db.session().tenant("a', 'b"), false).await.unwrap(), 2);
    // Without a tenant there is no such table.
    assert!(matches!(read(&mut db.session()).await, Err(Error::Database(_))));
}

/// One text for tables of different columns, and a list of a type that each schema has.
#[handler]
async fn note_moods(db: &mut Session<Postgres>) -> Result<usize, Error> {
    db.lease(async |conn| {
        let note = "INSERT INTO moods VALUES ($1)";
        sqlx::query(note).bind(vec![Mood::Fine]).execute(&mut *conn).await?;
        Ok(sqlx::query("SELECT * FROM moods").fetch_all(conn).await?.len())
    })
    .await
}

#[derive(Clone, Copy, sqlx::Type)]
#[sqlx(type_name = "mood", rename_all = "lowercase", no_pg_array)]
enum Mood {
    Fine,
}

/// By its name alone, so that `sqlx` looks for the type of its elements when it binds one.
impl PgHasArrayType for Mood {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_mood")
    }
}

const SCHEMAS: &str = "CREATE SCHEMA a; CREATE SCHEMA b;
     CREATE TYPE a.mood AS ENUM ('fine'); CREATE TYPE b.mood AS ENUM ('bad', 'fine');
     CREATE TABLE a.moods (moods a.mood[]); CREATE TABLE b.moods (moods b.mood[], more int)";

#[tokio::test]
async fn names_are_those_of_the_tenant_or_of_the_search_path() {
    let (_, direct) = builder("tenants_names").await;
    let (_, pooled) = builder("tenants_names_pooled").await;
    for builder in [direct, pooled.pooler(Pooler::Transaction)] {
        let db = builder.max_connections(1).connect_lazy().unwrap();
        db.session().execute(sqlx::raw_sql(SCHEMAS)).await.unwrap();
        let tenant = |name: &str| db.session().tenant(name);
        let path = |name: &str| db.session().setting("Search_Path", format!("{name}, public"));
        for (before, scoped) in [(0, &tenant as &dyn Fn(&str) -> Session<Postgres>), (3, &path)] {
            for round in 1..=3 {
                for name in ["a", "b"] {
                    let noted = note_moods(&mut scoped(name)).await;
                    assert_eq!(noted.unwrap(), before + round, "{name}, {before}");
                }
            }
        }
        assert_eq!(db.status().idle, 1);
    }
}

#[tokio::test]
async fn a_lease_that_is_dropped_before_it_forgets_leaves_that_to_the_next() {
    let (_, builder) = builder("tenants_forgotten").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    db.session().execute(sqlx::raw_sql(SCHEMAS)).await.unwrap();
    note_moods(&mut db.session().tenant("a")).await.unwrap();
    let mut session = db.session().tenant("b");
    {
        let mut dropped = pin!(note_moods(&mut session));
        let poll = poll_fn(|cx| {
            // Nothing that counts as progress is made after this.
            while let Poll::Ready(progress) = coop::poll_proceed(cx) {
                progress.made_progress();
            }
            Poll::Ready(dropped.as_mut().poll(cx).is_ready())
        });
        assert!(!poll.await);
        assert_eq!(db.leases().len(), 1);
    }
    wait::until("its connection", async || db.status().idle == 1).await;
    for (name, noted) in [("b", 1), ("b", 2), ("a", 2)] {
        assert_eq!(note_moods(&mut db.session().tenant(name)).await.unwrap(), noted, "{name}");
    }
}

#[tokio::test]
async fn names_that_are_no_schema_are_refused() {
    let (_, db) = with_schemas("tenants_refused", 1).await;
    for name in ["", "$user", "pg_temp", "pg_catalog", &"x".repeat(64)] {
        let refused = read(&mut db.session().tenant(name)).await;
        assert!(matches!(refused, Err(Error::Setting { setting: "tenant", .. })), "{refused:?}");
    }
    // One that does not exist has no tables.
    assert!(matches!(read(&mut db.session().tenant("nobody")).await, Err(Error::Database(_))));
}

#[tokio::test]
async fn dropped_it_leaves_no_schema_behind() {
    let (server, db) = with_schemas("tenants_dropped", 1).await;
    let mut session = db.session().tenant("acme");
    {
        let mut lease = std::pin::pin!(sleep(&mut session, 600.0));
        tokio::select! {
            biased;
            done = &mut lease => panic!("it sleeps: {done:?}"),
            () = wait::until("a query", async || {
                let sessions = server.sessions("tenants_dropped").await;
                sessions.iter().any(|s| s.query.contains("pg_sleep"))
            }) => {}
        }
        assert_eq!(db.leases()[0].tenant.as_deref(), Some("acme"));
    }
    wait::until("recovery", async || {
        let sessions = server.sessions("tenants_dropped").await;
        sessions.iter().all(|s| s.query.contains("CLOSE ALL"))
    })
    .await;
    let path = sqlx::query_scalar::<_, String>("SHOW search_path");
    assert_eq!(db.session().fetch_one(path).await.unwrap(), "\"$user\", public");
}

#[tokio::test]
async fn a_burst_of_one_does_not_starve_another() {
    let (_, db) = with_schemas("tenants_burst", 2).await;
    // A hundred of one tenant are there first.
    let burst: Vec<_> = (0..100)
        .map(|_| {
            let mut session = db.session().tenant("acme");
            tokio::spawn(async move { sleep(&mut session, 0.02).await })
        })
        .collect();
    wait::until("the burst", async || db.leases().len() == 2).await;
    let done = || burst.iter().filter(|lease| lease.is_finished()).count();
    for _ in 0..5 {
        let before = done();
        read(&mut db.session().tenant("quo\"te")).await.unwrap();
        // Served with the next connection that became free, or the one after: not after a hundred.
        assert!(done() - before <= 10, "waited for {} others", done() - before);
    }
    assert!(done() < 100, "the burst was over too soon to show anything");
    for lease in burst {
        lease.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn an_error_names_no_tenant() {
    let (_, builder) = builder("tenants_busy").await;
    let timeout = Duration::from_millis(200);
    let db = builder.max_connections(1).acquire_timeout(timeout);
    let db = db.connect().await.unwrap();
    let mut session = db.session().tenant("acme");
    let held = tokio::spawn(async move { sleep(&mut session, 600.0).await });
    in_query(&db, 1).await;
    match sleep(&mut db.session().tenant("quo\"te"), 0.0).await {
        Err(Error::Busy(busy)) => {
            assert_eq!(busy.holders[0].tenant.as_deref(), Some("acme"));
            let text = busy.to_string();
            assert!(text.contains("held longest by") && !text.contains("acme"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    assert!(db.leases()[0].to_string().ends_with("for tenant \"acme\""));
    held.abort();
}

#[tokio::test]
async fn who_was_not_served_holds_nothing_for_its_tenant() {
    let (_, proxy, url) = behind_proxy("tenants_failed").await;
    let db = Db::<Postgres>::builder(url)
        .max_connections(1)
        .connect_timeout(Duration::from_millis(300))
        .acquire_timeout(Duration::from_secs(1))
        .connect_lazy()
        .unwrap();
    proxy.pause();
    let mut session = db.session().tenant("acme");
    let mut failed = Box::pin(sleep(&mut session, 0.0));
    assert!((&mut failed).now_or_never().is_none());
    // In the queue behind it. Its connects fail meanwhile; it is not polled to hear of its end.
    assert!(matches!(sleep(&mut db.session(), 0.0).await, Err(Error::Busy(_))));
    proxy.resume();
    let mut session = db.session();
    let mut holder = Box::pin(sleep(&mut session, 600.0));
    tokio::select! {
        biased;
        held = &mut holder => panic!("it sleeps: {held:?}"),
        () = in_query(&db, 1) => {}
    }
    let order = Mutex::new(Vec::new());
    let mut waiting: Vec<_> = ["acme", "other"]
        .map(|tenant| {
            let (mut session, order) = (db.session().tenant(tenant), &order);
            Box::pin(async move {
                sleep(&mut session, 0.0).await.unwrap();
                order.lock().unwrap().push(tenant);
            })
        })
        .into();
    for waiting in &mut waiting {
        assert!(waiting.now_or_never().is_none());
    }
    drop(holder);
    join_all(waiting).await;
    assert_eq!(*order.lock().unwrap(), ["acme", "other"]);
}

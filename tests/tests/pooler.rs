//! Through PgBouncer in transaction mode, with far fewer sessions than connections.

#![allow(clippy::needless_question_mark, clippy::unnecessary_operation, reason = "expansions")]

use std::time::Duration;

use shortlease::{Builder, Db, Error, Pooler, Postgres, Session, handler};
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::postgres::Server;
use shortlease_tests::wait;

#[handler]
async fn add(db: &mut Session<Postgres>, n: i64) -> Result<(i64, i32), Error> {
    db.lease(async |conn| {
        let sum = sqlx::query_scalar("SELECT $1 + 1").bind(n).fetch_one(&mut *conn).await?;
        let pid = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(conn).await?;
        Ok((sum, pid))
    })
    .await
}

#[handler]
async fn write(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
    db.transaction(async |tx| {
        let insert = "INSERT INTO notes VALUES ($1)";
        sqlx::query(insert).bind(n).execute(&mut *tx).await?;
        tx.savepoint(async |tx| {
            sqlx::query(insert).bind(n).execute(tx).await?;
            Ok(())
        })
        .await
    })
    .await
}

#[handler]
async fn sleep(db: &mut Session<Postgres>, seconds: f64) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("INSERT INTO notes VALUES (0)").execute(&mut *conn).await?;
        sqlx::query("SELECT pg_sleep($1)").bind(seconds).execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn limits(db: &mut Session<Postgres>) -> Result<(String, String), Error> {
    db.lease(async |conn| {
        sqlx::query_as(
            "SELECT current_setting('statement_timeout'),
                    current_setting('idle_in_transaction_session_timeout')",
        )
        .fetch_one(conn)
        .await
    })
    .await
}

#[handler]
async fn whose(db: &mut Session<Postgres>) -> Result<String, Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT name FROM self").fetch_one(conn).await).await
}

/// A PgBouncer that accepts only what any does, with `sessions` to lend, and the settings of a pool on it.
async fn bounced(name: &str, sessions: &str) -> (&'static Server, PgBouncer, Builder<Postgres>) {
    let server = Server::shared().await;
    server.create_database(name).await;
    let settings = [("default_pool_size", sessions), ("ignore_startup_parameters", "")];
    let bouncer = PgBouncer::start(server, &settings).await;
    let builder = Db::builder(bouncer.url(name)).pooler(Pooler::Transaction);
    (server, bouncer, builder)
}

async fn notes(db: &Db<Postgres>) -> i64 {
    let notes = sqlx::query_scalar("SELECT count(*) FROM notes");
    db.session().fetch_one(notes).await.unwrap()
}

#[tokio::test]
async fn many_connections_share_few_sessions() {
    let (server, _bouncer, builder) = bounced("pooler_many", "2").await;
    let db = builder.max_connections(8).connect().await.unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE notes (id bigint)")).await.unwrap();
    let leases: Vec<_> = (0..100)
        .map(|n| {
            let mut session = db.session();
            tokio::spawn(async move {
                write(&mut session, n).await.unwrap();
                add(&mut session, n).await.unwrap()
            })
        })
        .collect();
    let mut pids = std::collections::HashSet::new();
    for (n, lease) in leases.into_iter().enumerate() {
        let (sum, pid) = lease.await.unwrap();
        assert_eq!(sum, n as i64 + 1);
        pids.insert(pid);
    }
    assert!(pids.len() <= 2);
    assert_eq!(notes(&db).await, 200);
    assert!(server.sessions("pooler_many").await.len() <= 2);
    // Nothing was prepared by a name that another client could meet.
    let named = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_prepared_statements");
    assert_eq!(db.session().fetch_one(named).await.unwrap(), 0);
}

#[tokio::test]
async fn limits_hold_in_each_transaction() {
    let (_, _bouncer, builder) = bounced("pooler_limits", "1").await;
    let db = builder
        .max_lease(Duration::from_secs(5))
        .statement_timeout(Duration::from_secs(7))
        .idle_in_transaction_timeout(Duration::from_secs(9))
        .connect_lazy()
        .unwrap();
    assert_eq!(limits(&mut db.session()).await.unwrap(), ("7s".into(), "9s".into()));
}

#[tokio::test]
async fn a_running_statement_is_cancelled() {
    // One for the statement, one for who cancels it.
    let (server, _bouncer, builder) = bounced("pooler_cancel", "2").await;
    let db = builder.max_connections(1).connect_lazy().unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE notes (id bigint)")).await.unwrap();
    let mut session = db.session();
    {
        let mut lease = std::pin::pin!(sleep(&mut session, 600.0));
        tokio::select! {
            biased;
            done = &mut lease => panic!("it sleeps: {done:?}"),
            () = wait::until("the statement", async || {
                let sessions = server.sessions("pooler_cancel").await;
                sessions.iter().any(|s| s.query.contains("pg_sleep"))
            }) => {}
        }
    }
    assert!(db.leases().is_empty());
    assert_eq!(add(&mut session, 1).await.unwrap().0, 2);
    wait::until("the end of the statement", async || {
        let sessions = server.sessions("pooler_cancel").await;
        sessions.iter().all(|s| s.state.as_deref() == Some("idle"))
    })
    .await;
    assert_eq!(notes(&db).await, 0);
}

#[tokio::test]
async fn a_forgotten_lease_is_revoked() {
    let (server, _bouncer, builder) = bounced("pooler_revoked", "2").await;
    let long = Duration::from_secs(600);
    let db = builder
        .max_connections(1)
        .max_lease(Duration::from_millis(400))
        .statement_timeout(long)
        .idle_in_transaction_timeout(long)
        .connect_lazy()
        .unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE notes (id bigint)")).await.unwrap();
    let leaked = Box::leak(Box::new(db.session()));
    let mut lease = Box::pin(sleep(leaked, 600.0));
    tokio::select! {
        biased;
        done = &mut lease => panic!("it sleeps: {done:?}"),
        () = wait::until("the statement", async || {
            let sessions = server.sessions("pooler_revoked").await;
            sessions.iter().any(|s| s.query.contains("pg_sleep"))
        }) => {}
    }
    std::mem::forget(lease);
    assert_eq!(add(&mut db.session(), 1).await.unwrap().0, 2);
    wait::until("the end of the session", async || {
        let sessions = server.sessions("pooler_revoked").await;
        sessions.iter().all(|s| s.state.as_deref() == Some("idle"))
    })
    .await;
    assert_eq!(notes(&db).await, 0);
}

#[tokio::test]
async fn tenants_keep_apart() {
    let (_, _bouncer, builder) = bounced("pooler_tenants", "1").await;
    let db = builder.max_connections(4).connect_lazy().unwrap();
    for (schema, name) in [("acme", "acme"), ("\"B; --\"", "B; --")] {
        let create = format!(
            "CREATE SCHEMA {schema}; CREATE TABLE {schema}.self (name text);
             INSERT INTO {schema}.self VALUES ('{name}')"
        );
        db.session().execute(sqlx::raw_sql(sqlx::AssertSqlSafe(create))).await.unwrap();
    }
    let leases: Vec<_> = (0..40)
        .map(|n| {
            let tenant = if n % 2 == 0 { "acme" } else { "B; --" };
            let mut session = db.session().tenant(tenant);
            tokio::spawn(async move { (whose(&mut session).await, tenant) })
        })
        .collect();
    for lease in leases {
        let (name, tenant) = lease.await.unwrap();
        assert_eq!(name.unwrap(), tenant);
    }
    let path = sqlx::query_scalar::<_, String>("SHOW search_path");
    assert_eq!(db.session().fetch_one(path).await.unwrap(), "\"$user\", public");
}

#[tokio::test]
async fn what_needs_a_session_is_refused_with_the_reason() {
    let (_, bouncer, builder) = bounced("pooler_refused", "1").await;
    let db = builder.connect_lazy().unwrap();
    match db.dedicated("news").await {
        Err(Error::Setting { setting: "pooler", reason }) => {
            assert!(reason.contains("LISTEN"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    let url = format!("{}?options=-c%20geqo%3Doff", bouncer.url("pooler_refused"));
    let refused = Db::<Postgres>::builder(url).pooler(Pooler::Transaction).connect_lazy();
    assert!(matches!(refused, Err(Error::Setting { setting: "url", .. })));
    // Without the setting, PgBouncer itself refuses what is sent at startup.
    let refused = Db::<Postgres>::connect(bouncer.url("pooler_refused")).await;
    assert!(matches!(refused, Err(Error::Connect(_))));
}

//! The one way out: a raw connection for code that cannot be checked.

use std::time::Duration;

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::postgres::Server;
use shortlease_tests::scratch::builder;
use shortlease_tests::wait;
use sqlx::{Connection, PgConnection};

/// What a crate might do that takes a connection.
async fn leaves_all_behind(raw: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::raw_sql(
        "SET search_path TO elsewhere; SET statement_timeout TO '1h'; LISTEN news;
         SELECT pg_advisory_lock(7); CREATE TEMP TABLE left_behind (id bigint);
         PREPARE left_behind AS SELECT 1; BEGIN",
    )
    .execute(&mut *raw)
    .await?;
    sqlx::query_scalar("SELECT 42::int8").fetch_one(raw).await
}

async fn drops_a_transaction(raw: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let mut tx = raw.begin().await?;
    sqlx::query_scalar("SELECT 42::int8").fetch_one(&mut *tx).await
}

async fn sleeps(raw: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::raw_sql("BEGIN; SET LOCAL statement_timeout TO 0").execute(&mut *raw).await?;
    sqlx::query("SELECT pg_sleep(600)").execute(raw).await?;
    Ok(0)
}

mod lends {
    use super::*;

    #[handler]
    pub(super) async fn all(db: &mut Session<Postgres>) -> Result<i64, Error> {
        db.lease(async |conn| conn.unchecked("a test", leaves_all_behind).await).await
    }

    #[handler]
    pub(super) async fn transaction(db: &mut Session<Postgres>) -> Result<i64, Error> {
        db.lease(async |conn| conn.unchecked("a test", drops_a_transaction).await).await
    }

    #[handler]
    pub(super) async fn sleep(db: &mut Session<Postgres>) -> Result<i64, Error> {
        db.lease(async |conn| conn.unchecked("a test", sleeps).await).await
    }
}

#[handler]
async fn state(db: &mut Session<Postgres>) -> Result<(String, i64, i64, bool), Error> {
    db.lease(async |conn| {
        sqlx::query_as(
            "SELECT current_setting('search_path') || ' ' || current_setting('statement_timeout'),
                    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                     AND pid = pg_backend_pid()),
                    (SELECT count(*) FROM pg_listening_channels()),
                    to_regclass('pg_temp.left_behind') IS NOT NULL
                    OR EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'left_behind')",
        )
        .fetch_one(conn)
        .await
    })
    .await
}

async fn with_timeout(name: &str) -> (&'static Server, Db<Postgres>) {
    let (server, builder) = builder(name).await;
    let db = builder
        .max_connections(1)
        .statement_timeout(Duration::from_secs(77))
        .connect_lazy()
        .unwrap();
    (server, db)
}

/// Until the session has been reset.
async fn reset(server: &Server, name: &str) {
    wait::until("the reset", async || {
        let sessions = server.sessions(name).await;
        sessions.len() == 1
            && sessions[0].state.as_deref() == Some("idle")
            && sessions[0].query.contains("CLOSE ALL")
    })
    .await;
}

#[tokio::test]
async fn leaves_nothing_behind() {
    let (server, db) = with_timeout("unchecked_all").await;
    let mut session = db.session();
    let clean = state(&mut session).await.unwrap();
    assert_eq!(clean, ("\"$user\", public 77s".into(), 0, 0, false));
    let pid = server.sessions("unchecked_all").await[0].pid;
    for _ in 0..2 {
        assert_eq!(lends::all(&mut session).await.unwrap(), 42);
        reset(server, "unchecked_all").await;
        assert_eq!(server.sessions("unchecked_all").await[0].pid, pid);
        assert_eq!(state(&mut session).await.unwrap(), clean);
    }
    assert_eq!(lends::transaction(&mut session).await.unwrap(), 42);
    reset(server, "unchecked_all").await;
    assert_eq!(state(&mut session).await.unwrap(), clean);
}

#[tokio::test]
async fn dropped_it_is_recovered() {
    let (server, db) = with_timeout("unchecked_dropped").await;
    let mut session = db.session();
    {
        let mut lease = std::pin::pin!(lends::sleep(&mut session));
        tokio::select! {
            biased;
            done = &mut lease => panic!("it sleeps: {done:?}"),
            () = wait::until("the statement", async || {
                let sessions = server.sessions("unchecked_dropped").await;
                sessions.iter().any(|s| s.query.contains("pg_sleep"))
            }) => {}
        }
        assert!(db.leases()[0].in_query);
    }
    assert!(db.leases().is_empty());
    reset(server, "unchecked_dropped").await;
    assert_eq!(state(&mut session).await.unwrap().0, "\"$user\", public 77s");
}

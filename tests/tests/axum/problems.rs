//! `Error` as a response.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use serde_json::json;
use shortlease::{Db, Error, Postgres, Session, Sqlite, handler};

use crate::server::{Answer, Server};

/// Holds the only connection until the answer to its inner request is there.
#[handler]
async fn hold(mut db: Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        sqlx::query_scalar(endless).fetch_one(conn).await
    })
    .await
}

async fn read(mut db: Session<Sqlite>) -> Result<String, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT 'read'")).await
}

#[tokio::test]
async fn a_busy_database_is_503_with_a_pause() {
    let db = Db::<Sqlite>::builder("sqlite::memory:")
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(100))
        .connect()
        .await
        .unwrap();
    let routes =
        Router::new().route("/hold", get(hold)).route("/read", get(read)).with_state(db.clone());
    let server = Server::start(routes).await;
    // The first connect may take longer than that.
    shortlease_tests::wait::until("a connection", async || server.get("/read").await.status == 200)
        .await;
    let held = tokio::spawn(Answer::of(server.request("/hold")));
    shortlease_tests::wait::until("a lease", async || db.status().used == 1).await;

    let answer = server.get("/read").await;
    assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("2")));
    let problem = json!({
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The database is busy. Try again later.",
        "code": "busy",
        "retry_after_ms": 2000,
    });
    assert_eq!(answer.problem(), problem);

    // Its client is gone: the server drops the handler, and the connection is free.
    held.abort();
    shortlease_tests::wait::until("the end of the lease", async || db.leases().is_empty()).await;
    assert_eq!(server.get("/read").await.body, "read");
}

/// The error of a kind, full of secrets.
fn error(kind: &str) -> Error {
    let secret = || io::Error::other("postgres://app:hunter2@db.internal/tools SELECT hunter2");
    match kind {
        "connect" => Error::Connect(sqlx::Error::Io(secret())),
        "lost" => Error::SessionLost { reason: "hunter2" },
        // Of a helper that returns `sqlx::Error`.
        "helper" => Error::from(sqlx::Error::from(Error::Closed)),
        "database" => sqlx::Error::Io(secret()).into(),
        "broken" => sqlx::Error::Io(io::ErrorKind::ConnectionReset.into()).into(),
        "column" => sqlx::Error::ColumnNotFound("hunter2".into()).into(),
        "setting" => Error::Setting { setting: "url", reason: secret().to_string() },
        _ => Error::Closed,
    }
}

#[tokio::test]
async fn an_answer_tells_its_code_and_no_more() {
    let routes = Router::new()
        .route("/{kind}", get(async |Path(kind): Path<String>| Err::<(), _>(error(&kind))));
    let server = Server::start(routes).await;
    for (kind, status, code, retry_after) in [
        ("connect", 503, "connect", Some("10")),
        ("lost", 503, "session_lost", None),
        ("helper", 503, "closed", Some("10")),
        ("closed", 503, "closed", Some("10")),
        ("database", 500, "database", None),
        ("broken", 503, "database", None),
        ("column", 500, "database", None),
        ("setting", 500, "setting", None),
    ] {
        let answer = server.get(&format!("/{kind}")).await;
        assert_eq!((answer.status, answer.retry_after.as_deref()), (status, retry_after), "{kind}");
        assert_eq!(answer.problem()["code"], code);
        for secret in ["hunter2", "internal", "SELECT", "app"] {
            let told = answer.body.replace("\"title\":\"Internal", "");
            assert!(!told.contains(secret), "{kind}: {told}");
        }
    }
}

#[tokio::test]
async fn a_server_that_stops_is_503() {
    let mut postgres = shortlease_tests::postgres::Server::start().await;
    let db = Db::<Postgres>::connect(postgres.url()).await.unwrap();
    let ready = async |State(db): State<Db<Postgres>>| db.ping(Duration::from_secs(1)).await;
    let server = Server::start(Router::new().route("/ready", get(ready)).with_state(db)).await;
    assert_eq!(server.get("/ready").await.status, 200);
    postgres.stop().await;
    for _ in 0..2 {
        let answer = server.get("/ready").await;
        assert_eq!(answer.status, 503, "{answer:?}");
    }
}

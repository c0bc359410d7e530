//! What machines ask for.

use reqwest::Method;
use serde_json::json;
use shortlease::{Db, Error, Sqlite, handler};
use shortlease_tests::postgres::Server;
use shortlease_tests::wait;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::fixture::{ADMIN, Fixture};

/// Keeps the one connection until it is told to end.
#[handler]
pub(crate) async fn occupy(db: Db<Sqlite>, mut end: oneshot::Receiver<()>) -> Result<(), Error> {
    let mut session = db.session();
    session
        .lease(async |conn| {
            while end.try_recv().is_err() {
                sqlx::query("SELECT 1").execute(conn).await?;
            }
            Ok(())
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_machines_ask_for_waits_for_the_pool() {
    let fixture =
        Fixture::new(&["--pool", "1", "--acquire-timeout", "0.2", "--keep-days", "0"]).await;
    let db = fixture.gateway.app.db.clone();
    let (end, ended) = oneshot::channel();
    let occupied = tokio::spawn(occupy(db.clone(), ended));
    wait::until("the one connection in use", async || db.status().used == 1).await;
    for path in ["/healthz", "/readyz", "/metrics", "/"] {
        fixture.get("", path).await.good();
    }
    let leases = fixture.get(ADMIN, "/debug/leases").await.good();
    let site = leases[0]["site"].as_str().unwrap();
    assert!(site.contains("occupy"), "{site}");
    // What needs a connection says so.
    let token = gateway::secret::Token::generate().reveal();
    let busy = fixture.get(&token, "/v1/calls").await;
    assert_eq!((busy.status.as_u16(), busy.code()), (503, "busy"));
    assert!(busy.body["retry_after_ms"].is_u64(), "{busy:?}");
    end.send(()).unwrap();
    occupied.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_database_that_is_gone_makes_it_unready_but_alive() {
    let mut server = Server::start().await;
    let url = server.create_database("gateway_ready").await;
    let fixture: Fixture<shortlease::Postgres> =
        Fixture::at(&url, TempDir::new().unwrap(), &["--acquire-timeout", "1"]).await;
    let ready = async || fixture.get("", "/readyz").await.status.as_u16();
    assert_eq!(ready().await, 200);
    server.kill_9().await;
    wait::until("it says that it is not ready", async || ready().await == 503).await;
    fixture.get("", "/healthz").await.good();
    let token = gateway::secret::Token::generate().reveal();
    let answer = fixture.get(&token, "/v1/calls").await;
    assert!(["busy", "connect"].contains(&answer.code()), "{answer:?}");
    assert!(!answer.body.to_string().contains("127.0.0.1"), "{answer:?}");
    server.restart().await;
    wait::until("it is ready again", async || ready().await == 200).await;
}

#[tokio::test]
async fn an_idle_gateway_holds_no_connection() {
    // Without the hourly look for old rows.
    let fixture = Fixture::new(&["--keep-days", "0"]).await;
    fixture.get("", "/healthz").await.good();
    let status = fixture.gateway.app.db.status();
    assert_eq!((status.used, status.idle), (0, 0));
}

#[tokio::test]
async fn metrics_are_those_of_calls_and_leases() {
    let fixture = Fixture::new(&["--demo"]).await;
    let token = fixture.gateway.demo_token.clone().unwrap();
    fixture.call(&token, "demo__echo", json!({ "text": "hello" })).await.good();
    let text = fixture.get("", "/metrics").await.good();
    let text = text.as_str().unwrap();
    for metric in [
        r#"gateway_calls{upstream="demo",outcome="ok"}"#,
        "gateway_call_duration_bucket",
        "db_client_connection_use_time_bucket",
        "shortlease_lease_idle_time_bucket",
        r#"gateway_requests{status="200"}"#,
    ] {
        assert!(text.contains(metric), "{metric} is not in\n{text}");
    }
}

#[tokio::test]
async fn debug_and_admin_need_the_operators_token() {
    let fixture = Fixture::new(&[]).await;
    let team = fixture.team("team", &["*"]).await;
    for token in ["", "wrong", &team] {
        assert_eq!(fixture.get(token, "/debug/leases").await.code(), "unauthenticated");
        assert_eq!(fixture.get(token, "/v1/live").await.code(), "unauthenticated");
        assert_eq!(fixture.get(token, "/v1/admin/audit").await.code(), "unauthenticated");
        for (method, path) in [
            (Method::PUT, "teams/team"),
            (Method::DELETE, "teams/team"),
            (Method::PUT, "teams/team/grants"),
            (Method::POST, "teams/team/tokens"),
            (Method::DELETE, &format!("tokens/{}", team.split('_').nth(1).unwrap())),
            (Method::PUT, "upstreams/tools"),
            (Method::DELETE, "upstreams/tools"),
        ] {
            let request = fixture.request(token, method.clone(), &format!("/v1/admin/{path}"));
            let answer = Fixture::<Sqlite>::send(request.json(&json!({}))).await;
            assert_eq!(answer.code(), "unauthenticated", "{method} {path}");
        }
    }
    // Nothing has changed.
    fixture.get(&team, "/v1/grants").await.good();
}

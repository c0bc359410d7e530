//! The call path.

use std::time::{Duration, Instant};

use gateway::database::Database;
use reqwest::Method;
use serde_json::json;
use shortlease::{Postgres, Sqlite};
use shortlease_tests::postgres::Server;
use shortlease_tests::wait;
use tempfile::TempDir;

use crate::backend::{Backend, TOOLS};
use crate::callers::Callers;
use crate::fixture::{Fixture, stop};

#[tokio::test]
async fn a_call_is_answered_and_recorded_on_sqlite() {
    a_call_is_answered_and_recorded(Fixture::new(&["--allow-private"]).await).await;
}

#[tokio::test]
async fn a_call_is_answered_and_recorded_on_postgres() {
    // Its texts are ordered as in English, where `~` comes before digits.
    let server = Server::shared().await;
    let create = "CREATE DATABASE gateway_calls TEMPLATE template0 \
                  LOCALE_PROVIDER icu ICU_LOCALE 'en-US' ENCODING 'UTF8'";
    let mut admin = server.admin().await;
    sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
    let url = server.url_for("postgres", "", "gateway_calls");
    let flags = ["--allow-private"];
    let fixture: Fixture<Postgres> = Fixture::at(&url, TempDir::new().unwrap(), &flags).await;
    a_call_is_answered_and_recorded(fixture).await;
}

async fn a_call_is_answered_and_recorded<DB: Database>(fixture: Fixture<DB>) {
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &TOOLS).await;
    let token = fixture.team("team", &["tools__*"]).await;
    let answer = fixture.call(&token, "tools__answer", json!({ "a": 1 })).await.good();
    assert_eq!(answer["result"]["structuredContent"], json!({ "answer": "answer" }));
    let calls = fixture.get(&token, "/v1/calls").await.good();
    assert_eq!(calls["calls"][0]["id"], answer["call_id"]);
    assert_eq!(calls["calls"][0]["tool"], "tools__answer");
    assert_eq!(calls["calls"][0]["outcome"], "ok");
    let audit = fixture.get(&token, "/v1/audit").await.good();
    let actions: Vec<_> = audit["audit"].as_array().unwrap().iter().map(|e| &e["action"]).collect();
    assert_eq!(actions, ["call", "token.add", "grants.set", "team.add"]);
    let listed = fixture.get(&token, "/v1/tools").await.good();
    assert_eq!(listed["tools"].as_array().unwrap().len(), TOOLS.len());
    stop(fixture.gateway).await;
}

/// The point of it all: a pool of one, forty slow calls, and nobody waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_calls_hold_no_connection() {
    let fixture = Fixture::new(&["--allow-private", "--pool", "1"]).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &["wait"]).await;
    let token = fixture.team("team", &["*"]).await;
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let request = fixture.request(&token, Method::POST, "/v1/tools/tools__wait/call");
            tokio::spawn(Fixture::<shortlease::Sqlite>::send(request.json(&json!({}))))
        })
        .collect();
    wait::until("forty calls at the backend", async || backend.calls() == 40).await;
    assert_eq!(fixture.gateway.app.db.status().used, 0);
    let began = Instant::now();
    let login = fixture.post(&token, "/v1/login", json!(null)).await.good();
    assert_eq!(fixture.get("", "/healthz").await.good(), "ok\n");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    fixture.get(login["token"].as_str().unwrap(), "/v1/calls").await.good();
    backend.release();
    let mut ids = std::collections::HashSet::new();
    for call in calls {
        ids.insert(call.await.unwrap().good()["call_id"].to_string());
    }
    let recorded = fixture.get(&token, "/v1/calls").await.good();
    let recorded = recorded["calls"].as_array().unwrap().iter().map(|call| call["id"].to_string());
    assert_eq!(recorded.collect::<std::collections::HashSet<_>>(), ids);
    assert_eq!(ids.len(), 40);
}

#[tokio::test]
async fn a_call_whose_client_is_gone_is_recorded_before_a_stop() {
    let first = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    first.upstream("tools", &backend.url, &["wait"]).await;
    let token = first.team("team", &["*"]).await;
    let request = first.request(&token, Method::POST, "/v1/tools/tools__wait/call");
    let call = tokio::spawn(Fixture::<Sqlite>::send(request.json(&json!({}))));
    wait::until("the call at the backend", async || backend.calls() == 1).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let (url, directory) = (first.gateway.app.settings.database_url().to_owned(), first.directory);
    stop(first.gateway).await;
    wait::until("the backend's caller is gone too", async || backend.abandoned() == 1).await;
    let second: Fixture<Sqlite> = Fixture::at(&url, directory, &[]).await;
    let calls = second.get(&token, "/v1/calls").await.good();
    assert_eq!(calls["calls"][0]["outcome"], "client_gone");
    let audit = second.get(&token, "/v1/audit").await.good();
    let of_call = audit["audit"].as_array().unwrap().iter().find(|of| of["action"] == "call");
    assert_eq!(of_call.unwrap()["outcome"], "client_gone");
}

/// The slowest of these requests but for one in a hundred.
async fn p99(mut request: impl AsyncFnMut()) -> Duration {
    let mut took = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        request().await;
        took.push(began.elapsed());
    }
    took.sort();
    took[98]
}

/// A pool of two beside forty calls that get no answer, and callers without a pause of upstreams that are dead or
/// broken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_and_health_stay_fast_beside_slow_and_dead_upstreams() {
    let flags = ["--allow-private", "--pool", "2", "--rate-limit", "0", "--acquire-timeout", "3"];
    let fixture = Fixture::new(&flags).await;
    let backend = Backend::start().await;
    fixture.upstream("slow", &backend.url, &["hang"]).await;
    fixture.upstream("broken", &backend.url, &["break"]).await;
    fixture.upstream("dead", "http://127.0.0.1:1", &["answer"]).await;
    let token = fixture.team("team", &["*"]).await;
    let _slow = Callers::start(&fixture, &token, &["slow__hang"], 40);
    wait::until("forty calls at the backend", async || backend.calls() >= 40).await;
    let _dead = Callers::start(&fixture, &token, &["broken__break", "dead__answer"], 2);
    let logins = p99(async || {
        fixture.post(&token, "/v1/login", json!(null)).await.good();
    });
    let logins = logins.await;
    let health = p99(async || {
        fixture.get("", "/healthz").await.good();
    });
    let health = health.await;
    println!("p99: logins {logins:?}, health {health:?}");
    // Of milliseconds, if the machine has nothing else to do.
    assert!(logins < Duration::from_secs(2), "{logins:?}");
    assert!(health < Duration::from_secs(1), "{health:?}");
}

#[tokio::test]
async fn a_team_that_calls_too_often_is_told_when_to_come_back() {
    let fixture = Fixture::new(&["--allow-private", "--rate-limit", "2"]).await;
    let backend = Backend::start().await;
    fixture.upstream("tools", &backend.url, &["answer"]).await;
    let (one, two) = (fixture.team("one", &["*"]).await, fixture.team("two", &["*"]).await);
    for _ in 0..2 {
        fixture.call(&one, "tools__answer", json!({})).await.good();
    }
    let refused = fixture.call(&one, "tools__answer", json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "rate_limited"));
    let pause = refused.body["retry_after_ms"].as_u64().unwrap();
    assert!((1..=60_000).contains(&pause), "{pause}");
    fixture.call(&two, "tools__answer", json!({})).await.good();
    assert_eq!(backend.calls(), 3);
}

#[tokio::test]
async fn answers_of_tools_that_only_read_are_used_again() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let backend = Backend::start().await;
    let upstream = json!({
        "kind": "http",
        "url": backend.url,
        "cache_s": 60,
        "tools": [{ "name": "answer", "read_only": true }, { "name": "write" }],
    });
    fixture.admin(Method::PUT, "upstreams/tools", upstream).await.good();
    let (one, two) = (fixture.team("one", &["*"]).await, fixture.team("two", &["*"]).await);
    let first = fixture.call(&one, "tools__answer", json!({ "a": 1 })).await.good();
    let second = fixture.call(&one, "tools__answer", json!({ "a": 1 })).await.good();
    assert_eq!((backend.calls(), &first["result"]), (1, &second["result"]));
    // Each is a call of its own.
    assert_ne!(first["call_id"], second["call_id"]);
    for (token, tool, arguments) in [
        (&one, "tools__answer", json!({ "a": 2 })),
        (&two, "tools__answer", json!({ "a": 1 })),
        (&one, "tools__write", json!({})),
        (&one, "tools__write", json!({})),
    ] {
        let before = backend.calls();
        fixture.call(token, tool, arguments).await.good();
        assert_eq!(backend.calls(), before + 1, "{tool}");
    }
}

#[tokio::test]
async fn an_answer_is_not_used_again_once_its_upstream_is_changed() {
    let fixture = Fixture::new(&["--allow-private"]).await;
    let (old, new) = (Backend::start().await, Backend::start().await);
    let token = fixture.team("team", &["*"]).await;
    let put = async |backend: &Backend, credential: &str| {
        let upstream = json!({
            "kind": "http",
            "url": backend.url,
            "headers": { "x-credential": credential },
            "cache_s": 60,
            "tools": [{ "name": "answer", "read_only": true }],
        });
        fixture.admin(Method::PUT, "upstreams/tools", upstream).await.good();
        for _ in 0..2 {
            fixture.call(&token, "tools__answer", json!({})).await.good();
        }
    };
    put(&old, "first").await;
    assert_eq!((old.calls(), new.calls()), (1, 0));
    put(&old, "second").await;
    assert_eq!((old.calls(), new.calls()), (2, 0));
    put(&new, "second").await;
    assert_eq!((old.calls(), new.calls()), (2, 1));
}

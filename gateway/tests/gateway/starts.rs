//! Starts: the first one, several at once, and ones that cannot be.

use gateway::check::check;
use gateway::gateway::Gateway;
use gateway::welcome::Welcome;
use serde_json::json;
use shortlease::{Postgres, Sqlite};
use shortlease_tests::postgres::Server;
use tempfile::TempDir;

use crate::fixture::{ADMIN, Fixture, settings, stop};

#[tokio::test]
async fn the_first_screen_shows_a_call_that_works() {
    let fixture = Fixture::new(&["--demo"]).await;
    let screen = Welcome(&fixture.gateway).to_string();
    let curl = screen.split_once("curl").unwrap().1;
    let word = |after: &str, end: char| {
        let rest = curl.split_once(after).unwrap().1;
        rest[..rest.find(end).unwrap()].to_owned()
    };
    let (url, token) = (format!("http://{}", word("http://", ' ')), word("Bearer ", '\''));
    let body: serde_json::Value = serde_json::from_str(&word("-d '", '\'')).unwrap();
    let request = reqwest::Client::new().post(url).bearer_auth(token).json(&body);
    let answer = Fixture::<Sqlite>::send(request).await.good();
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    let page = format!("page     http://{}/\n", fixture.gateway.address);
    assert!(screen.contains(&page) && !screen.contains(ADMIN), "{screen}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_start_at_once_on_a_new_sqlite_file() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("new.db").display());
    all_start::<Sqlite>(&url, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_start_at_once_on_a_new_postgres_database() {
    let url = Server::shared().await.create_database("gateway_starts").await;
    all_start::<Postgres>(&url, 6).await;
}

async fn all_start<DB: gateway::database::Database>(url: &str, count: usize) {
    let starts: Vec<_> = (0..count)
        .map(|_| {
            tokio::spawn(Gateway::<DB>::start(settings(&["--database-url", url, "--pool", "1"])))
        })
        .collect();
    for start in starts {
        let gateway = start.await.unwrap().unwrap_or_else(|error| panic!("{error}"));
        stop(gateway).await;
    }
}

#[tokio::test]
async fn data_outlives_a_restart() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("kept.db").display());
    let first: Fixture<Sqlite> = Fixture::at(&url, directory, &[]).await;
    let token = first.team("team", &["a__*"]).await;
    let directory = first.directory;
    stop(first.gateway).await;
    let second: Fixture<Sqlite> = Fixture::at(&url, directory, &[]).await;
    let grants = second.get(&token, "/v1/grants").await.good();
    assert_eq!(grants, json!({ "team": "team", "grants": ["a__*"] }));
}

#[tokio::test]
async fn processes_that_do_not_fit_the_server_are_refused() {
    let server = Server::builder().setting("max_connections", "20").start().await;
    let url = server.create_database("gateway_budget").await;
    let start = async |processes: &str| {
        let flags = ["--database-url", &url, "--pool", "8", "--processes", processes];
        Gateway::<Postgres>::start(settings(&flags)).await
    };
    stop(start("1").await.unwrap()).await;
    let refused = start("3").await.err().unwrap().to_string();
    assert!(refused.contains("`max_connections` asks for up to 36 sessions"), "{refused}");
}

#[tokio::test]
async fn check_finds_nothing_wrong_with_the_demo() {
    let fixture = Fixture::new(&["--demo"]).await;
    let url = fixture.gateway.app.settings.database_url().to_owned();
    stop(fixture.gateway).await;
    let report = check::<Sqlite>(settings(&["--database-url", &url, "--demo"])).await.unwrap();
    assert!(report.is_good(), "{report}");
    assert!(report.to_string().contains("upstream demo: starts with the gateway"), "{report}");
}

#[tokio::test]
async fn check_says_what_is_wrong() {
    let fixture = Fixture::new(&[]).await;
    fixture.upstream("outside", "https://example.org/tools", &["answer"]).await;
    let url = fixture.gateway.app.settings.database_url().to_owned();
    let flags = ["--database-url", &url, "--processes", "2"];
    let report = check::<Sqlite>(settings(&flags)).await.unwrap();
    assert!(report.is_good(), "{report}");
    assert!(report.to_string().contains("upstream outside: its address is permitted"), "{report}");
    assert!(report.to_string().contains("8 connections each; SQLite has no limit"), "{report}");
    let upstream = json!({ "kind": "http", "url": "http://127.0.0.1:1/" });
    let permissive: Fixture<Sqlite> =
        Fixture::at(&url, TempDir::new().unwrap(), &["--allow-private"]).await;
    permissive.admin(reqwest::Method::PUT, "upstreams/inside", upstream).await.good();
    let flags = ["--database-url", &url, "--redis-url", "redis://127.0.0.1:1"];
    let report = check::<Sqlite>(settings(&flags)).await.unwrap();
    assert!(!report.is_good());
    let report = report.to_string();
    assert!(report.contains("WRONG  redis: does not answer"), "{report}");
    assert!(report.contains("WRONG  upstream inside: its address is not permitted"), "{report}");
    let nowhere = settings(&["--database-url", "sqlite:///nowhere/at/all.db"]);
    let report = check::<Sqlite>(nowhere).await.unwrap().to_string();
    assert!(report.starts_with("WRONG  database: cannot connect to the database"), "{report}");
}

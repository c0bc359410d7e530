//! What several gateways share in Redis.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use shortlease::Sqlite;
use shortlease_tests::redis::Redis;
use shortlease_tests::wait;
use tempfile::TempDir;
use tracing::Level;

use crate::backend::Backend;
use crate::fixture::{Fixture, stop};
use crate::log::Log;

/// Two gateways on one database and one Redis.
async fn two(redis: &Redis, limit: &str) -> (Fixture<Sqlite>, Fixture<Sqlite>) {
    let url = redis.url();
    let flags = ["--allow-private", "--redis-url", &url, "--rate-limit", limit];
    let first = Fixture::new(&flags).await;
    let database = first.gateway.app.settings.database_url().to_owned();
    let second = Fixture::at(&database, TempDir::new().unwrap(), &flags).await;
    (first, second)
}

#[tokio::test]
async fn gateways_share_the_limit_of_a_team() {
    let redis = Redis::start().await;
    let (first, second) = two(&redis, "3").await;
    let backend = Backend::start().await;
    first.upstream("tools", &backend.url, &["answer"]).await;
    let token = first.team("team", &["*"]).await;
    for gateway in [&first, &second, &first] {
        gateway.call(&token, "tools__answer", json!({})).await.good();
    }
    for gateway in [&first, &second] {
        let refused = gateway.call(&token, "tools__answer", json!({})).await;
        assert_eq!(refused.code(), "rate_limited");
        assert!((1..=60_000).contains(&refused.body["retry_after_ms"].as_u64().unwrap()));
    }
}

#[tokio::test]
async fn gateways_share_answers_and_go_on_without_redis() {
    let log = Log::default();
    let _guard = log.start(Level::INFO);
    let mut redis = Redis::start().await;
    let (first, second) = two(&redis, "1000").await;
    let backend = Backend::start().await;
    let tools = json!([{ "name": "answer", "read_only": true }]);
    let upstream = json!({ "kind": "http", "url": backend.url, "cache_s": 60, "tools": tools });
    first.admin(Method::PUT, "upstreams/tools", upstream).await.good();
    let token = first.team("team", &["*"]).await;
    first.call(&token, "tools__answer", json!({})).await.good();
    second.call(&token, "tools__answer", json!({})).await.good();
    assert_eq!(backend.calls(), 1);
    redis.kill_9().await;
    let began = Instant::now();
    for _ in 0..5 {
        second.call(&token, "tools__answer", json!({})).await.good();
    }
    assert_eq!(backend.calls(), 6);
    // Fails fast: five calls do not wait for five limits of a command.
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    let _redis = redis.restart().await;
    wait::until("answers are shared again", async || {
        first.call(&token, "tools__answer", json!({})).await.good();
        let before = backend.calls();
        second.call(&token, "tools__answer", json!({})).await.good();
        backend.calls() == before
    })
    .await;
    // A line of each gateway when it fails and one when it is back, and not three for each of the calls.
    let text = log.text();
    let lines = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    assert!((1..5).contains(&lines("Redis fails")), "{text}");
    assert!((1..5).contains(&lines("Redis answers again")), "{text}");
}

#[tokio::test]
async fn a_gateway_says_goodbye_to_redis() {
    let redis = Redis::start().await;
    let (first, second) = two(&redis, "1000").await;
    let backend = Backend::start().await;
    first.upstream("tools", &backend.url, &["answer"]).await;
    let token = first.team("team", &["*"]).await;
    first.call(&token, "tools__answer", json!({})).await.good();
    let clients = async || {
        let client = redis::Client::open(redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let list: String =
            redis::cmd("CLIENT").arg("LIST").query_async(&mut connection).await.unwrap();
        list.lines().count()
    };
    assert_eq!(clients().await, 2);
    stop(first.gateway).await;
    wait::until("the gateway's connection is closed", async || clients().await == 1).await;
    drop(second);
}

//! What clients are told when a lease fails.

use std::time::Duration;

use serde_json::json;
use shortlease_tests::mcp::SCHEMA;
use shortlease_tests::postgres::{PASSWORD, Server, USER};
use shortlease_tests::wait;
use sqlx::Executor;

use crate::client::{Client, failure, scratch, text};

#[tokio::test]
async fn a_busy_pool_is_a_result_and_the_session_stays_open() {
    let scratch = scratch().await;
    let settings = scratch.builder().max_connections(1).acquire_timeout(Duration::from_millis(100));
    let client = Client::of(settings).await;
    // The first connect may take longer than that.
    wait::until("a connection", async || client.call("record").await.is_error != Some(true)).await;
    let held = client.begin("hold").await;
    wait::until("a lease", async || client.db.status().used == 1).await;

    let busy = client.call("record").await;
    let (_, said) = failure(&busy);
    assert_eq!(said, "The database is busy. Try again later.");
    let content = json!({ "code": "busy", "message": said, "retry_after_ms": 2000 });
    assert_eq!(busy.structured_content, Some(content));

    held.cancel(None).await.unwrap();
    wait::until("the end of the lease", async || client.db.leases().is_empty()).await;
    assert_eq!(text(&client.call("record").await), "record");
}

#[tokio::test]
async fn a_lease_that_is_cut_is_a_result() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder().max_lease(Duration::from_millis(200))).await;
    assert_eq!(failure(&client.call("hold").await).0, "lease_expired");
    assert_eq!(client.count().await, "0");
}

#[tokio::test]
async fn a_lease_that_is_revoked_is_a_result() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder()).await;
    let held = client.begin("hold").await;
    wait::until("a lease", async || client.db.status().used == 1).await;
    assert_eq!(client.db.close(Duration::ZERO).await.revoked.len(), 1);
    let rmcp::model::ServerResult::CallToolResult(revoked) = held.await_response().await.unwrap()
    else {
        panic!("another result")
    };
    assert_eq!(failure(&revoked).0, "lease_revoked");
    assert_eq!(failure(&client.call("record").await).0, "closed");
}

#[tokio::test]
async fn a_lost_database_is_a_result_and_the_session_outlives_it() {
    let mut server = Server::start().await;
    server.admin().await.execute(sqlx::raw_sql(SCHEMA)).await.unwrap();
    let client = Client::of(shortlease::Db::builder(server.url())).await;
    assert_eq!(text(&client.call("record").await), "record");
    server.kill_9().await;
    let (code, _) = failure(&client.call("record").await);
    assert!(["database", "connect", "busy"].contains(&&*code), "{code}");
    server.restart().await;
    wait::until("a record", async || client.call("record").await.is_error != Some(true)).await;
}

#[tokio::test]
async fn nothing_of_the_database_reaches_the_client() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder()).await;
    for tool in ["broken", "broken_by_hand"] {
        let result = client.call(tool).await;
        assert_eq!(failure(&result).0, "database");
        let told = serde_json::to_string(&result).unwrap();
        for secret in ["hidden_table", "password", "SELECT", PASSWORD, USER, scratch.name()] {
            assert!(!told.contains(secret), "{told}");
        }
    }
    let refused = client.begin("strict").await.await_response().await.unwrap_err();
    assert!(refused.to_string().contains("nothing pleases"), "{refused}");
}

#[tokio::test]
async fn a_prompt_leases_too() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder()).await;
    client.call("record").await;
    let summary = rmcp::model::GetPromptRequestParams::new("summary");
    let prompt = client.mcp.get_prompt(summary.clone()).await.unwrap();
    assert!(format!("{:?}", prompt.messages).contains("There are 1 records."), "{prompt:?}");

    let _ = client.db.close(Duration::ZERO).await;
    let error = client.mcp.get_prompt(summary).await.unwrap_err();
    assert!(error.to_string().contains("The database is not available."), "{error}");
}

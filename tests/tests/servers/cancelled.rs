//! Calls whose client has cancelled them.

use std::pin::pin;

use futures_util::poll;
use rmcp::ErrorData;
use rmcp::model::{ClientRequest, PingRequest};
use rmcp::service::{RequestHandle, RoleClient};
use shortlease::rmcp::{run_until_cancelled, uncut};
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use sqlx::{Connection, Executor, PgConnection};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, scratch};

/// Cancels a call, and returns when the server knows it.
async fn cancel(client: &Client, call: RequestHandle<RoleClient>) {
    call.cancel(None).await.unwrap();
    // It reads its messages in turn.
    let ping = ClientRequest::PingRequest(PingRequest::default());
    client.mcp.send_request(ping).await.unwrap();
}

async fn in_backend(client: &Client) {
    wait::until("a call of the backend", async || client.backend.calls() == 1).await;
}

#[tokio::test]
async fn it_ends_where_it_waits_for_something_remote() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder()).await;
    let call = client.begin("ask").await;
    in_backend(&client).await;
    cancel(&client, call).await;
    wait::until("the end of the call", async || client.backend.calls() == 0).await;
    // It would write now, if it went on.
    client.backend.answer();
    assert_eq!(client.count().await, "0");
}

/// Lists the statements of the sessions that are not idle.
async fn running(scratch: &PostgresDatabase) -> Vec<String> {
    let sessions = scratch.sessions().await.into_iter();
    let running = sessions.filter(|session| session.state.as_deref() != Some("idle"));
    running.map(|session| session.query).collect()
}

#[tokio::test]
async fn its_lease_ends_with_it() {
    let scratch = scratch().await;
    // Far from its own end.
    let client = Client::of(scratch.builder().max_lease(wait::LIMIT * 4)).await;
    let call = client.begin("hold").await;
    wait::until("its statement", async || {
        running(&scratch).await.iter().any(|q| q.contains("600"))
    })
    .await;
    cancel(&client, call).await;
    wait::until("the end of the lease", async || client.db.leases().is_empty()).await;
    wait::until("the end of the statement", async || running(&scratch).await.is_empty()).await;
    assert_eq!(client.count().await, "0");
}

#[tokio::test]
async fn its_commit_comes_to_its_end() {
    let scratch = scratch().await;
    let mut other = PgConnection::connect(&scratch.url()).await.unwrap();
    other.execute("SELECT pg_advisory_lock(1)").await.unwrap();
    let client = Client::of(scratch.builder()).await;
    let call = client.begin("guard").await;
    wait::until("its COMMIT", async || running(&scratch).await == ["COMMIT"]).await;
    cancel(&client, call).await;
    // Time enough for the call to be dropped, if it were.
    assert_eq!(client.count().await, "0");
    assert_eq!(client.db.leases().len(), 1, "the lease stays open for its COMMIT");

    other.execute("SELECT pg_advisory_unlock(1)").await.unwrap();
    wait::until("the end of the lease", async || client.db.leases().is_empty()).await;
    let guarded: i64 =
        sqlx::query_scalar("SELECT count(*) FROM guarded").fetch_one(&mut other).await.unwrap();
    assert_eq!(guarded, 1, "committed, and known to be");
}

#[tokio::test]
async fn what_the_handler_names_is_not_cut() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder()).await;
    let call = client.begin("pay").await;
    in_backend(&client).await;
    cancel(&client, call).await;
    assert_eq!(client.count().await, "0");
    assert_eq!(client.backend.calls(), 1, "the call goes on");
    client.backend.answer();
    wait::until("the record", async || client.count().await == "1").await;
}

#[tokio::test]
async fn what_a_call_in_a_call_names_is_not_cut_either() {
    let cancelled = CancellationToken::new();
    let (pay, paid) = oneshot::channel::<Result<(), ErrorData>>();
    let payment = uncut("the payment", async { paid.await.unwrap() });
    let inner = run_until_cancelled(cancelled.clone(), payment);
    let mut outer = pin!(run_until_cancelled(cancelled.clone(), inner));
    assert!(poll!(outer.as_mut()).is_pending());
    cancelled.cancel();
    assert!(poll!(outer.as_mut()).is_pending(), "the payment goes on");
    pay.send(Ok(())).unwrap();
    outer.await.unwrap();
}

//! What a server needs of its database before a tool is called: nothing.

use std::time::{Duration, Instant};

use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;

use crate::child::StdioServer;
use crate::client::{Client, scratch};

#[tokio::test]
async fn a_handshake_and_lists_touch_no_database() {
    let scratch = scratch().await;
    let client = Client::of(scratch.builder()).await;
    assert_eq!(client.mcp.list_all_tools().await.unwrap().len(), 9);
    assert_eq!(client.mcp.list_all_prompts().await.unwrap().len(), 1);
    let status = client.db.status();
    assert_eq!((status.used, status.idle, status.waiting), (0, 0, 0));
    assert_eq!(scratch.sessions().await.len(), 0);
    client.call("record").await;
    assert_eq!(client.db.status().idle, 1, "a call does");
}

async fn answers_without_database(url: &str) {
    let began = Instant::now();
    let mut server = StdioServer::start(url);
    assert_eq!(server.initialize().await["result"]["capabilities"]["tools"], serde_json::json!({}));
    assert_eq!(server.request("tools/list").await["tools"].as_array().unwrap().len(), 9);
    println!("handshake and list after {:.1?}", began.elapsed());
    let failed = server.call("record").await;
    assert_eq!(failed["isError"], true, "{failed}");
    let code = failed["structuredContent"]["code"].as_str().unwrap();
    assert!(["connect", "busy"].contains(&code), "{failed}");
    drop(server.stdin.take());
    assert_eq!(server.status().await.code(), Some(0));
}

#[tokio::test]
async fn a_database_that_is_down_is_the_answer_of_a_tool() {
    // Nobody listens on the port of a listener that is gone.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    answers_without_database(&format!("postgres://app:secret@{address}/tools")).await;
}

#[tokio::test]
async fn a_wrong_password_is_the_answer_of_a_tool() {
    let scratch = PostgresDatabase::new().await;
    let url = scratch.server().url_for("app", "wrong", scratch.name());
    answers_without_database(&url).await;
}

#[tokio::test]
async fn an_idle_server_holds_no_connection_and_stays() {
    let scratch = scratch().await;
    let mut server = StdioServer::start(&scratch.url());
    server.initialize().await;
    for _ in 0..2 {
        assert_ne!(server.call("record").await["isError"], true);
        wait::until("no sessions", async || scratch.sessions().await.is_empty()).await;
        // Longer than it keeps a connection idle.
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    drop(server.stdin.take());
    assert_eq!(server.status().await.code(), Some(0));
}

mod after;
mod before;

use axum::Router;
use axum::routing::post;
use tokio::net::TcpListener;

use super::{assert_two_calls, both};

#[tokio::test]
async fn both_record_the_call() {
    let (_scratch, db, pool) = both().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let before = Router::new().route("/before/{id}", post(before::call_tool)).with_state(pool);
    let after = Router::new().route("/after/{id}", post(after::call_tool)).with_state(db.clone());
    tokio::spawn(async { axum::serve(listener, before.merge(after)).await.unwrap() });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["before/1", "after/1"] {
        let response = client.post(format!("{url}/{path}")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "http://a, improved");
    }
    assert_two_calls(&db).await;
}

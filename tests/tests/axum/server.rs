//! A real server and a real client.

use std::net::SocketAddr;

use axum::Router;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::net::TcpListener;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    client: Client,
    _serving: AbortOnDrop,
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a request was answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: String,
}

impl Server {
    pub(crate) async fn start(routes: Router) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(async { axum::serve(listener, routes).await.expect("serving") });
        let client = Client::builder().no_proxy().build().expect("a client");
        Server { address, client, _serving: AbortOnDrop(serving) }
    }

    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(path)).await
    }
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let header = |name| {
            let value = response.headers().get(name)?;
            Some(value.to_str().expect("text").to_owned())
        };
        Answer {
            status: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            retry_after: header("retry-after"),
            body: response.text().await.expect("a body"),
        }
    }

    /// The body of a problem document.
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        serde_json::from_str(&self.body).expect("JSON")
    }
}

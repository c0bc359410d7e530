//! MCP clients that go on at another gateway when theirs is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What has come of the calls.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Calls that were answered.
    pub(crate) answered: AtomicUsize,
    /// Tries at a gateway that was gone, after which the client went on at the next.
    pub(crate) moved: AtomicUsize,
    /// Calls that no gateway answered, or not well.
    pub(crate) lost: AtomicUsize,
}

/// Clients that call until they are told to stop.
pub(crate) struct Load {
    pub(crate) counts: Arc<Counts>,
    stop: CancellationToken,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    pub(crate) fn start(urls: &Arc<[String]>, token: &str, clients: usize) -> Self {
        let (counts, stop) = (Arc::<Counts>::default(), CancellationToken::new());
        let http = Client::new();
        let client = |nth| {
            let client = McpClient {
                http: http.clone(),
                urls: Arc::clone(urls),
                token: token.to_owned(),
                at: nth % urls.len(),
            };
            tokio::spawn(client.run(Arc::clone(&counts), stop.clone()))
        };
        Load { clients: (0..clients).map(client).collect(), counts, stop }
    }

    /// Lets every client finish its call.
    pub(crate) async fn stop(self) -> Arc<Counts> {
        self.stop.cancel();
        for client in self.clients {
            client.await.expect("a client");
        }
        self.counts
    }
}

/// A client that opens its MCP session at one gateway and goes on at any.
struct McpClient {
    http: Client,
    urls: Arc<[String]>,
    token: String,
    at: usize,
}

impl McpClient {
    async fn run(mut self, counts: Arc<Counts>, stop: CancellationToken) {
        let information = json!({ "name": "cluster", "version": "0" });
        let open = json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": information,
        });
        let call = json!({ "name": "backend__work", "arguments": {} });
        self.ask("initialize", &open, &counts).await;
        while !stop.is_cancelled() {
            let answer = self.ask("tools/call", &call, &counts).await;
            let good = answer.is_some_and(|answer| answer["result"]["isError"] == false);
            let count = if good { &counts.answered } else { &counts.lost };
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Asks its gateway, or the next ones if that is gone.
    async fn ask(&mut self, method: &str, parameters: &Value, counts: &Counts) -> Option<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        for _ in 0..self.urls.len() {
            let request = self.http.post(&self.urls[self.at]).bearer_auth(&self.token).json(&body);
            let request = request.header("accept", "application/json, text/event-stream");
            match request.send().await {
                Ok(response) if response.status() == StatusCode::OK => {
                    return response.json().await.ok();
                }
                Ok(_) => return None,
                Err(_) => {
                    counts.moved.fetch_add(1, Ordering::SeqCst);
                    self.at = (self.at + 1) % self.urls.len();
                }
            }
        }
        None
    }
}

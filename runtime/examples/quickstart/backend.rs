//! The remote side: an HTTP server that takes its time, and its client.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use tokio::net::TcpListener;

pub(crate) type BackendError = reqwest::Error;

pub(crate) struct Backend {
    address: SocketAddr,
    client: reqwest::Client,
}

impl Backend {
    /// Serves on a free port until the process ends.
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let routes = Router::new().route("/tools/{name}/{number}", get(answer));
        tokio::spawn(axum::serve(listener, routes).into_future());
        Ok(Backend { address, client: reqwest::Client::new() })
    }

    pub(crate) async fn ask(&self, path: &str, number: i64) -> Result<String, BackendError> {
        let url = format!("http://{}{path}/{number}", self.address);
        self.client.get(url).send().await?.error_for_status()?.text().await
    }
}

async fn answer(Path((name, number)): Path<(String, i64)>) -> String {
    tokio::time::sleep(delay(number)).await;
    format!("{name} answers call {number}")
}

/// 0.3 to 1 s, spread over the calls and the same for each of them in every run.
fn delay(number: i64) -> Duration {
    // The finalizer of SplitMix64.
    let mut mixed = number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Duration::from_millis(300 + (mixed ^ (mixed >> 31)) % 701)
}

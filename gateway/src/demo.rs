//! An MCP server with four tools, so that a first run has something to call.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::CallToolResult;
use rmcp::model::ContentBlock;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServerHandler, schemars, tool, tool_handler, tool_router};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The longest time that `wait` waits.
const LONGEST: f64 = 30.0;

/// The tools.
#[derive(Clone)]
struct Demo;

#[derive(Deserialize, schemars::JsonSchema)]
struct Echo {
    /// The text to answer with
    text: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Add {
    /// First number
    a: f64,
    /// Second number
    b: f64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Wait {
    /// Seconds to wait, at most 30
    seconds: f64,
}

#[tool_router]
impl Demo {
    #[tool(description = "Answers what it is told", annotations(read_only_hint = true))]
    async fn echo(&self, Parameters(Echo { text }): Parameters<Echo>) -> String {
        text
    }

    #[tool(description = "Adds two numbers", annotations(read_only_hint = true))]
    async fn add(&self, Parameters(Add { a, b }): Parameters<Add>) -> String {
        (a + b).to_string()
    }

    #[tool(description = "Answers after some seconds, as slow backends do")]
    async fn wait(&self, Parameters(Wait { seconds }): Parameters<Wait>) -> String {
        let seconds = if seconds.is_finite() { seconds.clamp(0.0, LONGEST) } else { 0.0 };
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        format!("waited for {seconds} s")
    }

    #[tool(description = "Fails, as tools do")]
    async fn fail(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("this tool always fails")])
    }
}

#[tool_handler]
impl ServerHandler for Demo {}

/// Starts it on a free port of this machine, until the gateway stops, and returns its address.
///
/// # Errors
///
/// If there is no port to be had.
///
/// # Cancel safety
///
/// Safe: nothing is left behind.
pub async fn start(stop: CancellationToken) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(|| Ok(Demo), sessions, config);
    let router = axum::Router::new().nest_service("/mcp", service);
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the demo upstream has ended");
        }
    });
    Ok(address)
}

//! Servers that have the tools: how they are called, and what protects their callers from them.

mod breaker;
mod error;
mod http;
mod mcp;
mod policy;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{CallToolResult, JsonObject};
use tokio::time::timeout;

pub use self::breaker::Circuit;
pub use self::error::UpstreamError;
pub use self::policy::Policy;

use self::breaker::Breaker;
use self::http::HttpClient;
use self::mcp::McpClients;
use crate::store::tools::{self, Callable};
use crate::store::upstreams::Upstream;

/// Limits of what an upstream can cost its callers.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a call may take.
    pub timeout: Duration,
    /// How long an answer may be, in bytes.
    pub answer_bytes: usize,
}

/// The client of all upstreams. A call waits for its own upstream and for nothing else.
pub struct Upstreams {
    http: HttpClient,
    mcp: McpClients,
    policy: Policy,
    limits: Limits,
    breakers: Mutex<HashMap<String, Arc<Breaker>>>,
}

impl Upstreams {
    /// A client that calls what the policy permits.
    ///
    /// # Errors
    ///
    /// If the HTTP client cannot be made.
    pub fn new(policy: Policy, limits: Limits) -> Result<Self, reqwest::Error> {
        let client = policy.client(limits.timeout)?;
        Ok(Upstreams {
            http: HttpClient::new(client.clone(), limits.answer_bytes),
            mcp: McpClients::new(client, limits.answer_bytes),
            policy,
            limits,
            breakers: Mutex::default(),
        })
    }

    /// The addresses that may be called.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Calls a tool.
    ///
    /// # Errors
    ///
    /// [`UpstreamError`]; after several in a row the upstream is left alone for a while.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the call is given up. An MCP upstream is told so.
    pub async fn call(
        &self,
        tool: &Callable,
        arguments: JsonObject,
    ) -> Result<CallToolResult, UpstreamError> {
        let upstream = &tool.upstream;
        let breaker = self.breaker(&upstream.name);
        let admitted = breaker.admit(Instant::now()).map_err(UpstreamError::resting)?;
        let called = self.within_limit(self.call_unguarded(upstream, &tool.tool, arguments)).await;
        admitted.ended(called.is_ok(), Instant::now());
        called
    }

    async fn call_unguarded(
        &self,
        upstream: &Upstream,
        tool: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult, UpstreamError> {
        let url = self.policy.check(&upstream.url)?;
        match upstream.kind.as_str() {
            "mcp" => self.mcp.call(upstream, tool, arguments).await,
            _ => self.http.call(url, &upstream.headers, tool, arguments).await,
        }
    }

    /// Asks an MCP upstream for its tools.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Upstreams::call).
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn discover(&self, upstream: &Upstream) -> Result<Vec<tools::New>, UpstreamError> {
        self.policy.check(&upstream.url)?;
        self.within_limit(self.mcp.tools(upstream)).await
    }

    async fn within_limit<T>(
        &self,
        call: impl Future<Output = Result<T, UpstreamError>>,
    ) -> Result<T, UpstreamError> {
        timeout(self.limits.timeout, call).await.unwrap_or(Err(UpstreamError::Timeout))
    }

    /// Forgets an upstream that was changed or removed.
    pub fn forget(&self, name: &str) {
        self.mcp.forget(name);
        self.breakers().remove(name);
    }

    /// Returns whether an upstream is called or left alone.
    #[must_use]
    pub fn circuit(&self, name: &str) -> Circuit {
        self.breakers().get(name).map_or(Circuit::Closed, |breaker| breaker.circuit(Instant::now()))
    }

    fn breaker(&self, name: &str) -> Arc<Breaker> {
        Arc::clone(self.breakers().entry(name.to_owned()).or_default())
    }

    fn breakers(&self) -> MutexGuard<'_, HashMap<String, Arc<Breaker>>> {
        self.breakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Upstreams that speak MCP over streamable HTTP: one client for each, shared by all calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject,
    PaginatedRequestParams, Tool,
};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use tokio::sync::OnceCell;

use super::UpstreamError;
use crate::store::tools;
use crate::store::upstreams::Upstream;

/// How many calls one upstream may have at a time. Above the users of one gateway, as a call costs only memory.
const CONCURRENT: usize = 100_000;

/// More tools than this are refused, as [`UpstreamError::TooManyTools`] says.
const TOOLS: usize = 1000;

/// More pages of tools than this are not read.
const PAGES: usize = 100;

pub(super) struct McpClients {
    client: reqwest::Client,
    answer_bytes: usize,
    clients: Mutex<HashMap<String, Arc<Client>>>,
}

type Service = RunningService<RoleClient, ()>;

/// A client of one upstream as it is registered, connected by its first call.
struct Client {
    upstream: Upstream,
    service: OnceCell<Service>,
}

impl McpClients {
    pub(super) fn new(client: reqwest::Client, answer_bytes: usize) -> Self {
        McpClients { client, answer_bytes, clients: Mutex::default() }
    }

    pub(super) async fn call(
        &self,
        upstream: &Upstream,
        tool: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult, UpstreamError> {
        let client = self.of(upstream);
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        match client.service(self).await?.peer().call_tool_once(request).await {
            Ok(CallToolResponse::Complete(result)) => Ok(result),
            Ok(_) => Err(UpstreamError::Nonsense("it asks for more input".into())),
            // It works, and refuses this call.
            Err(ServiceError::McpError(error)) => {
                Ok(CallToolResult::error(vec![ContentBlock::text(error.message)]))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Asks an upstream that may not be registered yet, by a connection of its own.
    pub(super) async fn tools(
        &self,
        upstream: &Upstream,
    ) -> Result<Vec<tools::New>, UpstreamError> {
        let client = Client::new(upstream);
        let peer = client.service(self).await?.peer();
        let (mut tools, mut cursor) = (Vec::new(), None);
        for _ in 0..PAGES {
            let page = PaginatedRequestParams::default().with_cursor(cursor);
            let page = peer.list_tools(Some(page)).await.map_err(failed)?;
            tools.extend(page.tools.into_iter().map(tool));
            if tools.len() > TOOLS {
                break;
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(tools);
            }
        }
        Err(UpstreamError::TooManyTools)
    }

    pub(super) fn forget(&self, name: &str) {
        self.clients().remove(name);
    }

    /// The client of an upstream: a new one if it has changed, or if the old one's connection is closed.
    fn of(&self, upstream: &Upstream) -> Arc<Client> {
        let mut clients = self.clients();
        if let Some(client) = clients.get(&upstream.name)
            && client.is_of_use(upstream)
        {
            return Arc::clone(client);
        }
        let client = Arc::new(Client::new(upstream));
        clients.insert(upstream.name.clone(), Arc::clone(&client));
        client
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<String, Arc<Client>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    fn new(upstream: &Upstream) -> Self {
        Client { upstream: upstream.clone(), service: OnceCell::new() }
    }

    fn is_of_use(&self, upstream: &Upstream) -> bool {
        let broken = |service: &Service| service.is_closed() || service.is_transport_closed();
        self.upstream == *upstream && !self.service.get().is_some_and(broken)
    }

    /// Connects, if no call has yet. Dropped meanwhile, the next call goes on with it.
    async fn service(&self, clients: &McpClients) -> Result<&Service, UpstreamError> {
        let connect = async || {
            let config = StreamableHttpClientTransportConfig::with_uri(self.upstream.url.as_str())
                .custom_headers(self.upstream.headers.to_hash_map())
                .max_concurrent_requests(CONCURRENT)
                .max_json_response_size(clients.answer_bytes)
                .max_sse_event_size(clients.answer_bytes)
                .reinit_on_expired_session(true);
            let transport =
                StreamableHttpClientTransport::with_client(clients.client.clone(), config);
            rmcp::serve_client((), transport)
                .await
                .map_err(|error| UpstreamError::Unreachable(error.to_string()))
        };
        self.service.get_or_try_init(connect).await
    }
}

fn failed(error: ServiceError) -> UpstreamError {
    match error {
        ServiceError::McpError(error) => UpstreamError::Nonsense(error.to_string()),
        ServiceError::UnexpectedResponse => UpstreamError::Nonsense(error.to_string()),
        _ => UpstreamError::Unreachable(error.to_string()),
    }
}

fn tool(tool: Tool) -> tools::New {
    let read_only = tool.annotations.and_then(|hints| hints.read_only_hint).unwrap_or_default();
    tools::New {
        name: tool.name.into_owned(),
        description: tool.description.unwrap_or_default().into_owned(),
        input_schema: serde_json::Value::Object((*tool.input_schema).clone()).to_string(),
        read_only,
    }
}

//! The MCP side: one server with the tools of all upstreams, over streamable HTTP and stdio.

use std::sync::Arc;

use axum::http::request;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    Implementation, JsonObject, ListToolsResult, PaginatedRequestParams, ResultType,
    ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use shortlease::rmcp::run_until_cancelled;
use shortlease::{Session, handler};
use tracing::warn;

use crate::app::App;
use crate::call::call_tool;
use crate::caller::Caller;
use crate::database::Database;
use crate::error::Error;
use crate::identify::identify;
use crate::store::tools::{self, Listed};

/// The caller of a request over HTTP, or why the database could not say who it is.
pub type Introduced = Result<Caller, Arc<Error>>;

/// The MCP server of one client.
pub struct Mcp<DB: Database> {
    app: App<DB>,
    /// The token of a client over stdio. Over HTTP a middleware has found the caller.
    token: Option<String>,
}

/// The service for `/mcp`. It keeps no sessions, so a client goes on at any other gateway.
///
/// It has no cancellation token: rmcp would cut the calls under way with it, and a stop lets them end.
pub fn http<DB: Database>(app: &App<DB>) -> StreamableHttpService<Mcp<DB>, NeverSessionManager> {
    let own = [app.settings.listen.ip().to_string()];
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let hosts = app.settings.allowed_host.iter().cloned().chain(own).chain(local);
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts(hosts)
        .with_max_request_body_bytes(app.settings.max_body);
    let app = app.clone();
    let server = move || Ok(Mcp { app: app.clone(), token: None });
    StreamableHttpService::new(server, Arc::new(NeverSessionManager::default()), config)
}

impl<DB: Database> Mcp<DB> {
    /// The server of a client over stdio, which has that token.
    #[must_use]
    pub fn stdio(app: App<DB>, token: String) -> Self {
        Mcp { app, token: Some(token) }
    }

    async fn caller(
        &self,
        db: &mut Session<DB>,
        context: &RequestContext<RoleServer>,
    ) -> Introduced {
        if let Some(token) = &self.token {
            return Ok(identify(db, &self.app, token).await?);
        }
        let parts = context.extensions.get::<request::Parts>();
        let introduced = parts.and_then(|parts| parts.extensions.get::<Introduced>());
        introduced.cloned().ok_or(Error::Unauthenticated)?
    }

    async fn call(
        &self,
        name: &str,
        arguments: JsonObject,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, Arc<Error>> {
        let mut db = self.app.db.session();
        let permitted = self.caller(&mut db, context).await?.permit(name)?;
        let mut result = call_tool(&mut db, &self.app, &permitted, arguments).await?.result;
        // An upstream of an older version leaves it out. rmcp takes it out again for older clients.
        result.result_type = Some(ResultType::COMPLETE);
        Ok(result)
    }

    async fn list(&self, context: &RequestContext<RoleServer>) -> Result<Vec<Tool>, Arc<Error>> {
        let mut db = self.app.db.session();
        let caller = self.caller(&mut db, context).await?;
        let tools = all_tools(&mut db).await?;
        Ok(tools
            .into_iter()
            .filter(|tool| caller.grants.cover(&tool.tool_name()))
            .map(tool)
            .collect())
    }
}

#[handler]
async fn all_tools<DB: Database>(db: &mut Session<DB>) -> Result<Vec<Listed>, Error> {
    db.lease(async |conn| tools::list(conn).await).await
}

impl<DB: Database> ServerHandler for Mcp<DB> {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("shortlease-gateway", env!("CARGO_PKG_VERSION"));
        info.with_instructions("Tools of several servers; a name begins with that of its server.")
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = self.list(&context).await.map_err(|error| {
            ErrorData::internal_error(error.public_message(), Some(details(&error)))
        })?;
        Ok(ListToolsResult::with_all_items(tools))
    }

    /// A call whose client is gone is dropped, its lease with it. A COMMIT under way ends first.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let call = async {
            let called = self.call(&request.name, arguments, &context).await;
            Ok(called.unwrap_or_else(|error| failed(&error)).into())
        };
        run_until_cancelled(context.ct.clone(), call).await
    }
}

/// Returns an error as an answer: the client's model reads it, and the session stays open.
#[must_use]
pub fn failed(error: &Error) -> CallToolResult {
    if let Error::Lease(error) = error {
        warn!(code = error.code(), %error, "a call failed at the database");
    }
    let mut result = CallToolResult::structured_error(details(error));
    result.content = vec![ContentBlock::text(error.public_message())];
    result
}

fn details(error: &Error) -> serde_json::Value {
    let retry_after = error.retry_after().map(|pause| pause.as_millis());
    json!({
        "code": error.code(),
        "message": error.public_message(),
        "retry_after_ms": retry_after,
    })
}

fn tool(listed: Listed) -> Tool {
    let name = listed.tool_name().to_string();
    let schema: JsonObject = serde_json::from_str(&listed.input_schema).unwrap_or_default();
    Tool::new(name, listed.description, Arc::new(schema))
        .with_annotations(ToolAnnotations::new().read_only(listed.read_only))
}

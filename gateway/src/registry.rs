//! Adds and changes upstreams.

use rmcp::model::JsonObject;
use serde::Deserialize;
use shortlease::{Session, handler};

use crate::app::App;
use crate::database::Database;
use crate::error::Error;
use crate::headers::Headers;
use crate::store::audit::{self, Entry};
use crate::store::tools;
use crate::store::upstreams::{self, Upstream};
use crate::tool_name::{ToolName, is_upstream};

/// An upstream as its operator describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// How it is spoken to.
    pub kind: Kind,
    /// Its URL.
    pub url: String,
    /// Headers that it wants with each request. They are stored, and never shown.
    #[serde(default)]
    pub headers: Headers,
    /// How long answers of tools that only read may be used again, in seconds.
    #[serde(default)]
    pub cache_s: u32,
    /// The tools of an upstream that speaks plain HTTP. An MCP upstream is asked for its own.
    #[serde(default)]
    pub tools: Vec<Described>,
}

/// How an upstream is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// MCP over streamable HTTP.
    Mcp,
    /// `POST {url}/{tool}`, JSON in and out.
    Http,
}

/// A tool as its operator describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    input_schema: JsonObject,
    #[serde(default)]
    read_only: bool,
}

impl From<Described> for tools::New {
    fn from(tool: Described) -> Self {
        let mut schema = tool.input_schema;
        schema.entry("type").or_insert_with(|| "object".into());
        tools::New {
            name: tool.name,
            description: tool.description,
            input_schema: serde_json::Value::Object(schema).to_string(),
            read_only: tool.read_only,
        }
    }
}

/// Asks the upstream for its tools if it speaks MCP, then records both. No connection is held while it is asked.
/// Returns the names of the tools.
///
/// # Errors
///
/// [`Error::Invalid`] for a name or a tool that cannot be, [`Error::Upstream`] if the address is not permitted or an
/// MCP upstream does not answer, [`Error::Lease`].
///
/// # Cancel safety
///
/// Dropped before the record is committed, nothing is changed.
#[handler]
pub async fn register<DB: Database>(
    db: &mut Session<DB>,
    app: &App<DB>,
    name: String,
    registration: Registration,
) -> Result<Vec<String>, Error> {
    if !is_upstream(&name) {
        return Err(Error::Invalid(
            "an upstream's name has lower case letters, digits and `-`".into(),
        ));
    }
    if !registration.url.contains("://") {
        return Err(Error::Invalid("an upstream's `url` begins with http:// or https://".into()));
    }
    let upstream = Upstream {
        name: name.clone(),
        kind: match registration.kind {
            Kind::Mcp => "mcp".into(),
            Kind::Http => "http".into(),
        },
        url: registration.url,
        cache_ms: i64::from(registration.cache_s) * 1000,
        headers: registration.headers,
    };
    let client = app.upstreams.get(db);
    client.policy().check(&upstream.url)?;
    let tools: Vec<tools::New> = match registration.kind {
        Kind::Mcp => client.discover(&upstream).await?,
        Kind::Http => registration.tools.into_iter().map(tools::New::from).collect(),
    };
    let names: Vec<_> = tools.iter().map(|tool| ToolName::new(&name, &tool.name)).collect();
    if let Some(wrong) =
        names.iter().find(|name| ToolName::parse(name.as_str()).as_ref() != Some(name))
    {
        return Err(Error::Invalid(format!("a tool cannot be called {wrong:?}")));
    }
    db.transaction(async |tx| {
        upstreams::put(tx, upstream).await?;
        tools::replace(tx, name.clone(), tools).await?;
        audit::add(tx, Entry::new("", "admin", "upstream.put", &name, "ok")).await
    })
    .await?;
    // What an older connection or older failures said is not about this one.
    app.upstreams.get(db).forget(&name);
    Ok(names.iter().map(ToString::to_string).collect())
}

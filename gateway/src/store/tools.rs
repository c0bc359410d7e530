//! The tools of the upstreams.

use shortlease::{Conn, Tx, leased};
use sqlx::FromRow;

use super::upstreams::Upstream;
use crate::database::Database;
use crate::tool_name::ToolName;

/// All that a call has to know.
#[derive(Clone, Debug, FromRow)]
pub struct Callable {
    /// Its server.
    #[sqlx(flatten)]
    pub upstream: Upstream,
    /// When the upstream was changed last.
    pub changed_at: i64,
    /// The name that the upstream knows.
    pub tool: String,
    /// `true` if it only reads, by what the upstream says.
    pub read_only: bool,
}

/// A tool as clients see it.
#[derive(Debug, FromRow)]
pub struct Listed {
    upstream: String,
    name: String,
    /// For the model that chooses a tool.
    pub description: String,
    /// The JSON schema of its arguments.
    pub input_schema: String,
    /// `true` if it only reads.
    pub read_only: bool,
}

impl Listed {
    /// Its name.
    #[must_use]
    pub fn tool_name(&self) -> ToolName {
        ToolName::new(&self.upstream, &self.name)
    }
}

/// A tool to be added.
#[derive(Clone, Debug)]
pub struct New {
    /// The name that the upstream knows.
    pub name: String,
    /// For the model that chooses a tool.
    pub description: String,
    /// The JSON schema of its arguments.
    pub input_schema: String,
    /// `true` if it only reads.
    pub read_only: bool,
}

/// Reads what a call of a tool has to know.
#[leased]
pub async fn find<DB: Database>(
    conn: &mut Conn<DB>,
    tool: ToolName,
) -> Result<Option<Callable>, sqlx::Error> {
    let query = "SELECT upstreams.name, kind, url, cache_ms, headers, changed_at, \
                 tools.name AS tool, read_only \
                 FROM tools JOIN upstreams ON upstreams.name = tools.upstream \
                 WHERE tools.upstream = $1 AND tools.name = $2";
    sqlx::query_as(query)
        .bind(tool.upstream().to_owned())
        .bind(tool.name().to_owned())
        .fetch_optional(conn)
        .await
}

/// Lists the tools of all upstreams.
#[leased]
pub async fn list<DB: Database>(conn: &mut Conn<DB>) -> Result<Vec<Listed>, sqlx::Error> {
    let query = "SELECT upstream, name, description, input_schema, read_only FROM tools \
                 ORDER BY upstream, name";
    sqlx::query_as(query).fetch_all(conn).await
}

/// Puts these tools in the place of those that an upstream had.
#[leased]
pub async fn replace<DB: Database>(
    tx: &mut Tx<DB>,
    upstream: String,
    tools: Vec<New>,
) -> Result<(), sqlx::Error> {
    let removed = sqlx::query("DELETE FROM tools WHERE upstream = $1").bind(upstream.clone());
    removed.execute(&mut *tx).await?;
    for tool in tools {
        let query = "INSERT INTO tools (upstream, name, description, input_schema, read_only) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        sqlx::query(query)
            .bind(upstream.clone())
            .bind(tool.name)
            .bind(tool.description)
            .bind(tool.input_schema)
            .bind(tool.read_only)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

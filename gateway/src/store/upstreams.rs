//! Servers that have tools.

use shortlease::{Conn, leased};
use sqlx::FromRow;

use crate::database::Database;
use crate::headers::Headers;
use crate::ids::now_ms;

/// An upstream as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// How it is spoken to: `mcp` or `http`.
    pub kind: String,
    /// Its URL.
    pub url: String,
    /// How long an answer of a tool that only reads may be used again, in milliseconds.
    pub cache_ms: i64,
    /// The headers that it wants.
    #[sqlx(try_from = "String")]
    pub headers: Headers,
}

/// Adds or changes an upstream.
#[leased]
pub async fn put<DB: Database>(conn: &mut Conn<DB>, upstream: Upstream) -> Result<(), sqlx::Error> {
    let query = "INSERT INTO upstreams (name, kind, url, cache_ms, headers, changed_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, url = excluded.url, \
                 cache_ms = excluded.cache_ms, headers = excluded.headers, \
                 changed_at = excluded.changed_at";
    sqlx::query(query)
        .bind(upstream.name)
        .bind(upstream.kind)
        .bind(upstream.url)
        .bind(upstream.cache_ms)
        .bind(upstream.headers.reveal())
        .bind(now_ms())
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes an upstream and its tools; `false` if there is none.
#[leased]
pub async fn remove<DB: Database>(conn: &mut Conn<DB>, name: String) -> Result<bool, sqlx::Error> {
    let query = "DELETE FROM upstreams WHERE name = $1 RETURNING name";
    let removed: Option<String> = sqlx::query_scalar(query).bind(name).fetch_optional(conn).await?;
    Ok(removed.is_some())
}

/// Lists all upstreams.
#[leased]
pub async fn list<DB: Database>(conn: &mut Conn<DB>) -> Result<Vec<Upstream>, sqlx::Error> {
    sqlx::query_as("SELECT name, kind, url, cache_ms, headers FROM upstreams ORDER BY name")
        .fetch_all(conn)
        .await
}

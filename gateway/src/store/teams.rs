//! Teams, and what each may call.

use shortlease::{Conn, Tx, leased};

use crate::database::Database;
use crate::ids::now_ms;

/// Adds a team; `false` if it is there.
#[leased]
pub async fn add<DB: Database>(conn: &mut Conn<DB>, team: String) -> Result<bool, sqlx::Error> {
    let query = "INSERT INTO teams (name, created_at) VALUES ($1, $2) \
                 ON CONFLICT (name) DO NOTHING RETURNING name";
    let added: Option<String> =
        sqlx::query_scalar(query).bind(team).bind(now_ms()).fetch_optional(conn).await?;
    Ok(added.is_some())
}

/// Returns `true` if calls or audit entries of a team with that name are kept, also if that team is removed.
#[leased]
pub async fn has_records<DB: Database>(
    conn: &mut Conn<DB>,
    team: String,
) -> Result<bool, sqlx::Error> {
    let query = "SELECT id FROM calls WHERE team = $1 \
                 UNION ALL SELECT id FROM audit WHERE team = $1 LIMIT 1";
    let found: Option<String> = sqlx::query_scalar(query).bind(team).fetch_optional(conn).await?;
    Ok(found.is_some())
}

/// Removes a team, its tokens and its grants; `false` if there is none.
#[leased]
pub async fn remove<DB: Database>(conn: &mut Conn<DB>, team: String) -> Result<bool, sqlx::Error> {
    let query = "DELETE FROM teams WHERE name = $1 RETURNING name";
    let removed: Option<String> = sqlx::query_scalar(query).bind(team).fetch_optional(conn).await?;
    Ok(removed.is_some())
}

/// Returns `true` if the team exists.
#[leased]
pub async fn exists<DB: Database>(conn: &mut Conn<DB>, team: String) -> Result<bool, sqlx::Error> {
    let query = "SELECT name FROM teams WHERE name = $1";
    let found: Option<String> = sqlx::query_scalar(query).bind(team).fetch_optional(conn).await?;
    Ok(found.is_some())
}

/// Puts these patterns in the place of those that the team has.
#[leased]
pub async fn set_grants<DB: Database>(
    tx: &mut Tx<DB>,
    team: String,
    patterns: Vec<String>,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM grants WHERE team = $1").bind(team.clone()).execute(&mut *tx).await?;
    for pattern in patterns {
        sqlx::query("INSERT INTO grants (team, tool) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(team.clone())
            .bind(pattern)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

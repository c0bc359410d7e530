//! Tokens, by their hashes.

use shortlease::{Conn, leased};
use sqlx::FromRow;

use super::{Before, PAGE};
use crate::database::Database;
use crate::ids::now_ms;
use crate::secret::Hashed;

/// Everything that authenticates a request, in one read.
#[derive(Debug, FromRow)]
pub struct Credential {
    /// The team that it is of.
    pub team: String,
    salt: String,
    hash: String,
    /// When it ends.
    pub expires_at: Option<i64>,
    grants: Option<String>,
}

impl Credential {
    /// The hash that the token is compared with.
    #[must_use]
    pub fn hashed(&self) -> Hashed {
        Hashed { salt: self.salt.clone(), hash: self.hash.clone() }
    }

    /// Returns `true` if its time is over.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.expires_at.is_some_and(|at| at <= now_ms())
    }

    /// The team's patterns, with blanks between them.
    #[must_use]
    pub fn grants(&self) -> &str {
        self.grants.as_deref().unwrap_or_default()
    }
}

/// A token without its hash.
#[derive(Debug, FromRow)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// The name that its owner gave it.
    pub label: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: Option<i64>,
}

/// A token to be added.
#[derive(Debug)]
pub struct New {
    /// Its id.
    pub id: String,
    /// The team that it is of.
    pub team: String,
    /// A name for its owner.
    pub label: String,
    /// The hash of its secret.
    pub hashed: Hashed,
    /// When it ends.
    pub expires_at: Option<i64>,
    /// The id of the token that it is a login of.
    pub login_of: Option<String>,
}

/// Reads what authenticates a token.
#[leased]
pub async fn credential<DB: Database>(
    conn: &mut Conn<DB>,
    id: String,
) -> Result<Option<Credential>, sqlx::Error> {
    let query = "SELECT team, salt, hash, expires_at, \
                 (SELECT string_agg(tool, ' ') FROM grants WHERE grants.team = tokens.team) AS grants \
                 FROM tokens WHERE id = $1";
    sqlx::query_as(query).bind(id).fetch_optional(conn).await
}

/// Adds a token.
#[leased]
pub async fn add<DB: Database>(conn: &mut Conn<DB>, token: New) -> Result<(), sqlx::Error> {
    let query = "INSERT INTO tokens \
                 (id, team, label, salt, hash, created_at, expires_at, login_of) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    sqlx::query(query)
        .bind(token.id)
        .bind(token.team)
        .bind(token.label)
        .bind(token.hashed.salt)
        .bind(token.hashed.hash)
        .bind(now_ms())
        .bind(token.expires_at)
        .bind(token.login_of)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes a token with its logins, and returns its team; `None` if there is none.
#[leased]
pub async fn remove<DB: Database>(
    conn: &mut Conn<DB>,
    id: String,
) -> Result<Option<String>, sqlx::Error> {
    let query = "DELETE FROM tokens WHERE id = $1 RETURNING team";
    sqlx::query_scalar(query).bind(id).fetch_optional(conn).await
}

/// Lists the tokens of a team, newest first.
#[leased]
pub async fn list<DB: Database>(
    conn: &mut Conn<DB>,
    team: String,
    before: Before,
) -> Result<Vec<Listed>, sqlx::Error> {
    let query = "SELECT id, label, created_at, expires_at FROM tokens \
                 WHERE team = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    sqlx::query_as(query).bind(team).bind(before.into_bound()).bind(PAGE).fetch_all(conn).await
}

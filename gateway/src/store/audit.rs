//! Who did what.

use shortlease::{Conn, leased};
use sqlx::FromRow;

use super::{Before, PAGE};
use crate::database::Database;
use crate::ids::{new_id, now_ms};

/// One line of the audit trail.
#[derive(Clone, Debug, FromRow)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// The team that it concerns; empty if that is none, as for upstreams.
    pub team: String,
    /// The id of a token, or `admin`.
    pub actor: String,
    /// The deed, such as `call` or `token.add`.
    pub action: String,
    /// The name of the thing that it was done to.
    pub subject: String,
    /// `ok`, or the code of an error.
    pub outcome: String,
    /// When.
    pub at: i64,
}

impl Entry {
    /// An entry of now.
    #[must_use]
    pub fn new(team: &str, actor: &str, action: &str, subject: &str, outcome: &str) -> Self {
        Entry {
            id: new_id(),
            team: team.to_owned(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            outcome: outcome.to_owned(),
            at: now_ms(),
        }
    }
}

/// Adds an entry.
#[leased]
pub async fn add<DB: Database>(conn: &mut Conn<DB>, entry: Entry) -> Result<(), sqlx::Error> {
    let query = "INSERT INTO audit (id, team, actor, action, subject, outcome, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)";
    sqlx::query(query)
        .bind(entry.id)
        .bind(entry.team)
        .bind(entry.actor)
        .bind(entry.action)
        .bind(entry.subject)
        .bind(entry.outcome)
        .bind(entry.at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Lists the entries of all teams, and those that concern none, newest first.
#[leased]
pub async fn list_all<DB: Database>(
    conn: &mut Conn<DB>,
    before: Before,
) -> Result<Vec<Entry>, sqlx::Error> {
    let query = "SELECT id, team, actor, action, subject, outcome, at FROM audit \
                 WHERE id < $1 ORDER BY id DESC LIMIT $2";
    sqlx::query_as(query).bind(before.into_bound()).bind(PAGE).fetch_all(conn).await
}

/// Lists the entries of a team, newest first.
#[leased]
pub async fn list<DB: Database>(
    conn: &mut Conn<DB>,
    team: String,
    before: Before,
) -> Result<Vec<Entry>, sqlx::Error> {
    let query = "SELECT id, team, actor, action, subject, outcome, at FROM audit \
                 WHERE team = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    sqlx::query_as(query).bind(team).bind(before.into_bound()).bind(PAGE).fetch_all(conn).await
}

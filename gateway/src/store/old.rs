//! Rows that have been kept for long enough.

use shortlease::{Conn, leased};

use crate::database::Database;

/// Rows of one table that may go.
#[derive(Clone, Debug)]
pub enum Old {
    /// Audit entries with a lower id.
    Audit(String),
    /// Calls with a lower id.
    Calls(String),
    /// Tokens that ended before that time, in milliseconds since 1970.
    Tokens(i64),
}

/// Removes old rows, the oldest first and at most so many, and returns how many there were.
#[leased]
pub async fn remove<DB: Database>(
    conn: &mut Conn<DB>,
    old: Old,
    most: i64,
) -> Result<usize, sqlx::Error> {
    let removed = match old {
        Old::Audit(id) => sqlx::query_scalar(
            "DELETE FROM audit WHERE id IN \
             (SELECT id FROM audit WHERE id < $1 ORDER BY id LIMIT $2) RETURNING id",
        )
        .bind(id),
        Old::Calls(id) => sqlx::query_scalar(
            "DELETE FROM calls WHERE id IN \
             (SELECT id FROM calls WHERE id < $1 ORDER BY id LIMIT $2) RETURNING id",
        )
        .bind(id),
        Old::Tokens(at) => sqlx::query_scalar(
            "DELETE FROM tokens WHERE id IN \
             (SELECT id FROM tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) RETURNING id",
        )
        .bind(at),
    };
    let removed: Vec<String> = removed.bind(most).fetch_all(conn).await?;
    Ok(removed.len())
}

//! The gateway's tables, and the comparison of what users were told with what is in them.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use sqlx::{Connection, PgConnection};

use super::answers::{HANGING_TOOL, tools};
use super::backend::Addresses;
use super::outcome::Ledger;

/// The login endpoint is asked by so many of the users.
pub(super) const LEAST_USERS: u64 = 16;

const SCHEMA: &str = include_str!("schema.sql");

/// Makes the tables, the users and the tools.
pub(super) async fn fill(url: &str, users: u64, backend: Addresses) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
    sqlx::query(
        "INSERT INTO users (id, name, token)
         SELECT n, 'user-' || n, 'token-' || n FROM generate_series(0, $1 - 1) AS n",
    )
    .bind(users.max(LEAST_USERS).cast_signed())
    .execute(&mut connection)
    .await?;
    for tool in tools() {
        let address = if tool == HANGING_TOOL { backend.hanging } else { backend.answering };
        sqlx::query("INSERT INTO tools (name, url) VALUES ($1, $2)")
            .bind(tool)
            .bind(format!("http://{address}/"))
            .execute(&mut connection)
            .await?;
    }
    sqlx::raw_sql("ANALYZE").execute(&mut connection).await?;
    connection.close().await
}

/// How the calls that users made compare with the calls that were recorded.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Comparison {
    /// Calls that users were told had succeeded.
    pub succeeded: u64,
    /// Calls whose outcome users do not know, and how many of these were recorded.
    pub unknown: (u64, u64),
    /// Calls that succeeded and were not recorded.
    pub missing: u64,
    /// Calls that were recorded more than once.
    pub twice: u64,
    /// Calls that failed or that nobody made, and were recorded.
    pub unexpected: u64,
}

impl Comparison {
    /// Every call that succeeded was recorded once, and no other.
    pub(super) fn is_exact(&self) -> bool {
        (self.missing, self.twice, self.unexpected) == (0, 0, 0)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison { succeeded, missing, twice, unexpected, .. } = self;
        if self.is_exact() {
            return write!(f, "all {succeeded}");
        }
        write!(f, "{succeeded}: {missing} missing, {twice} twice, {unexpected} unexpected")
    }
}

/// Compares, row by row.
pub(super) async fn compare(url: &str, ledger: &Ledger) -> sqlx::Result<Comparison> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = "SELECT call, count(*) FROM calls GROUP BY call";
    let rows: Vec<(i64, i64)> = sqlx::query_as(rows).fetch_all(&mut connection).await?;
    connection.close().await?;
    let rows = rows.into_iter().map(|(call, rows)| (call.cast_unsigned(), rows.cast_unsigned()));
    Ok(against(ledger, rows.collect()))
}

fn against(ledger: &Ledger, mut rows: HashMap<u64, u64>) -> Comparison {
    let mut comparison = Comparison {
        twice: rows.values().filter(|rows| **rows > 1).count() as u64,
        ..Comparison::default()
    };
    for (call, outcome) in ledger {
        let recorded = rows.remove(call).is_some();
        match outcome.records() {
            Some(true) => {
                comparison.succeeded += 1;
                comparison.missing += u64::from(!recorded);
            }
            Some(false) => comparison.unexpected += u64::from(recorded),
            None => {
                comparison.unknown.0 += 1;
                comparison.unknown.1 += u64::from(recorded);
            }
        }
    }
    comparison.unexpected += rows.len() as u64;
    comparison
}

#[cfg(test)]
mod tests {
    use crate::incident::outcome::Outcome;

    use super::*;

    #[test]
    fn each_difference_is_counted() {
        let ledger = vec![
            (1, Outcome::Succeeded),
            (2, Outcome::Succeeded),
            (3, Outcome::Succeeded),
            (4, Outcome::BackendFailed),
            (5, Outcome::NoAnswer),
            (6, Outcome::NoAnswer),
        ];
        let exact = against(&ledger, HashMap::from([(1, 1), (2, 1), (3, 1), (5, 1)]));
        assert!(exact.is_exact(), "{exact:?}");
        assert_eq!((exact.succeeded, exact.unknown), (3, (2, 1)));
        let wrong = against(&ledger, HashMap::from([(1, 1), (2, 2), (4, 1), (7, 1)]));
        assert_eq!((wrong.missing, wrong.twice, wrong.unexpected), (1, 1, 2));
    }
}

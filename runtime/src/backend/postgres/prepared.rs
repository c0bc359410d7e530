use sqlx::{Executor, PgConnection};

use crate::Error;

/// The beginning of the names that `sqlx` gives to statements. It counts anew on each connection.
const NAMED: &str = "sqlx_s_";

/// Answered with the name that it has itself on the server.
const ASK: &str = "SELECT name FROM pg_prepared_statements \
                   WHERE statement LIKE 'SELECT name FROM pg_prepared_statements WHERE statement LIKE %'";

/// Checks that the pooler knows prepared statements in each session that it lends. It then gives them
/// names of its own. If our names reached sessions of others, they would run the statements that others
/// prepared by these names.
pub(super) async fn are_kept(connection: &mut PgConnection) -> Result<(), Error> {
    // Both messages of a statement then reach the same session.
    connection.execute("BEGIN").await.map_err(Error::Connect)?;
    let names: Result<Vec<String>, _> = sqlx::query_scalar(ASK).fetch_all(&mut *connection).await;
    let (outcome, end) = match names {
        Ok(names) => match names.into_iter().find(|name| name.starts_with(NAMED)) {
            None => (Ok(()), "ROLLBACK"),
            Some(name) => {
                let seen = format!("the server sees {name:?} as it is");
                (Err(not_kept(&seen)), "ROLLBACK; DEALLOCATE ALL")
            }
        },
        Err(error) if is_lost(&error) => (Err(not_kept(&error)), "ROLLBACK"),
        Err(error) => return Err(Error::Connect(error)),
    };
    connection.execute(end).await.map_err(Error::Connect)?;
    outcome
}

/// Returns `true` if a statement of `sqlx` met a session in which it was not prepared, or another statement had its name.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    matches!(error.code().as_deref(), Some("26000" | "42P05")) && error.message().contains(NAMED)
}

pub(super) fn not_kept(seen: &dyn std::fmt::Display) -> Error {
    Error::setting(
        "pooler",
        format!(
            "does not fit what `url` leads to, which keeps no prepared statements ({seen}): use \
             `Pooler::Transaction`, or PgBouncer 1.21 or later with `max_prepared_statements` above \
             0 and `Pooler::TransactionWithPreparedStatements`, or, where `url` is the server's own, \
             no pooler"
        ),
    )
}

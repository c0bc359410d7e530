use std::sync::Arc;

use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{PgConnection, Row, ValueRef};

/// One session of the server, or one transaction of a session that a pooler lends. Process ids are
/// used again, so the time when it began is part of the name: no other is hit, however late the call.
///
/// `CancelRequest` would need no session of its own to send, but `sqlx` keeps the secret key for it
/// private.
#[derive(Clone, Debug)]
pub struct CancelToken {
    pid: i32,
    /// The column of `pg_stat_get_activity` that says when it began.
    began: &'static str,
    at: Arc<str>,
}

/// Answered with what names the transaction.
pub(super) const SELECT_CANCEL_TOKEN: &str = "SELECT pg_backend_pid(), now()";

impl CancelToken {
    pub(super) async fn of(connection: &mut PgConnection) -> Result<CancelToken, sqlx::Error> {
        let ask =
            sqlx::raw_sql("SELECT pid, backend_start FROM pg_stat_get_activity(pg_backend_pid())");
        Self::read(&ask.fetch_one(connection).await?, "backend_start")
    }

    pub(super) fn of_transaction(answer: &PgRow) -> Result<CancelToken, sqlx::Error> {
        Self::read(answer, "xact_start")
    }

    fn read(row: &PgRow, began: &'static str) -> Result<CancelToken, sqlx::Error> {
        // The simple protocol: all values are text.
        let text = |value: PgValueRef<'_>| match value.is_null() {
            true => Err(sqlx::Error::RowNotFound),
            false => value.as_str().map(str::to_owned).map_err(sqlx::Error::Decode),
        };
        let pid = text(row.try_get_raw(0)?)?;
        let pid = pid.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(CancelToken { pid, began, at: text(row.try_get_raw(1)?)?.into() })
    }

    /// A call of an administration function on this one and no other; no row where it is gone.
    pub(super) fn call(&self, function: &str) -> String {
        let CancelToken { pid, began, at } = self;
        format!("SELECT {function}({pid}) FROM pg_stat_get_activity({pid}) WHERE {began} = '{at}'")
    }
}

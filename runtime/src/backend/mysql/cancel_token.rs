use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor, MySqlConnection, Row};

use super::error_class::number_of;

/// One session of the server. Ids begin anew when the server does, and another server behind the same
/// address has its own, so the client's address is part of the name.
#[derive(Clone, Debug)]
pub struct CancelToken {
    id: u64,
    host: Arc<str>,
    takes_writes: bool,
}

const SELECT_TOKEN: &str = "SELECT CAST(ID AS UNSIGNED), HOST, CAST(@@global.read_only AS SIGNED) \
                            FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()";

/// `ER_NO_SUCH_THREAD`.
const NO_SUCH_SESSION: u16 = 1094;

impl CancelToken {
    /// Asks for the token of a session, behind other statements of the same message.
    pub(super) async fn behind(
        statements: &str,
        connection: &mut MySqlConnection,
    ) -> Result<Self, sqlx::Error> {
        let sql = AssertSqlSafe(format!("{statements}{SELECT_TOKEN}"));
        let row = sqlx::raw_sql(sql).fetch_one(connection).await?;
        let host: String = row.try_get(1)?;
        let read_only: i64 = row.try_get(2)?;
        Ok(CancelToken { id: row.try_get(0)?, host: host.into(), takes_writes: read_only == 0 })
    }

    /// Returns `true` if the session took writes when it began.
    pub(super) fn takes_writes(&self) -> bool {
        self.takes_writes
    }

    /// Asks, over another connection, if the session is there.
    pub(super) async fn is_there(
        &self,
        connection: &mut MySqlConnection,
    ) -> Result<bool, sqlx::Error> {
        let found =
            sqlx::query("SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ? AND HOST = ?");
        let found = found.bind(self.id).bind(&*self.host).fetch_optional(connection).await?;
        Ok(found.is_some())
    }

    /// Kills the session or its statement over another connection; `false` if the session is gone. Between
    /// the look and the blow the id stays with its session: ids begin anew only after both have ended.
    pub(super) async fn kill(
        &self,
        what: Kill,
        connection: &mut MySqlConnection,
    ) -> Result<bool, sqlx::Error> {
        if !self.is_there(connection).await? {
            return Ok(false);
        }
        let verb = match what {
            Kill::Statement => "KILL QUERY",
            Kill::Session => "KILL CONNECTION",
        };
        match connection.execute(AssertSqlSafe(format!("{verb} {}", self.id))).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if number_of(&*error) == Some(NO_SUCH_SESSION) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) enum Kill {
    Statement,
    Session,
}

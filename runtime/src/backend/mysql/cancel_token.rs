use std::sync::Arc;

use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, Executor, MySqlConnection, Row};

use super::error_class::number_of;

/// One session of the server. Ids begin anew when the server does, and another server behind the same
/// address has its own, so the client's address is part of the name. Over a socket in the file system all clients have
/// the same address, so there it has the time at which the server began as well.
#[derive(Clone, Debug)]
pub struct CancelToken {
    id: u64,
    host: Arc<str>,
    /// When the server began, in seconds since 1970, where the address does not tell sessions apart.
    server_began: Option<i64>,
    user: Arc<str>,
    takes_writes: bool,
}

/// The sessions that this one may see. Not by the table of them: MySQL cannot read that while any session's statement
/// has a character outside of its old `utf8`.
const SESSIONS: &str = "SHOW PROCESSLIST";

/// The address of all clients that connect over a socket in the file system.
const LOCAL: &str = "localhost";

/// Both times are those of the statement's beginning, so the answer is always the same.
const SERVER_BEGAN: &str = "SELECT CAST(UNIX_TIMESTAMP() - VARIABLE_VALUE AS SIGNED) \
    FROM /*M! information_schema.GLOBAL_STATUS */ /*!50704 performance_schema.global_status */ \
    WHERE VARIABLE_NAME = 'Uptime'";

const SELECT_TOKEN: &str =
    "SELECT CONNECTION_ID(), CAST(@@global.read_only AS SIGNED); SHOW PROCESSLIST";

/// `ER_NO_SUCH_THREAD`.
const NO_SUCH_SESSION: u16 = 1094;

impl CancelToken {
    /// Asks for the token of a session, behind other statements of the same message.
    pub(super) async fn behind(
        statements: &str,
        connection: &mut MySqlConnection,
    ) -> Result<Self, sqlx::Error> {
        let sql = AssertSqlSafe(format!("{statements}{SELECT_TOKEN}"));
        let rows = sqlx::raw_sql(sql).fetch_all(&mut *connection).await?;
        let (own, sessions) = rows.split_first().ok_or(sqlx::Error::RowNotFound)?;
        let (id, read_only): (u64, i64) = (own.try_get(0)?, own.try_get(1)?);
        let own = find(sessions, id)?.ok_or(sqlx::Error::RowNotFound)?;
        let (host, user) = (text(own, "Host")?, text(own, "User")?.into());
        let server_began = match host == LOCAL {
            true => Some(server_began(connection).await?),
            false => None,
        };
        Ok(CancelToken { id, host: host.into(), server_began, user, takes_writes: read_only == 0 })
    }

    /// Returns `true` if the session took writes when it began.
    pub(super) fn takes_writes(&self) -> bool {
        self.takes_writes
    }

    /// Asks, over another connection, if the session is there, as far as that may see it: credentials may name
    /// another login for each connection, and the sessions of others are hidden.
    pub(super) async fn may_be_there(
        &self,
        connection: &mut MySqlConnection,
    ) -> Result<bool, sqlx::Error> {
        if !self.is_of_server(connection).await? {
            return Ok(false);
        }
        let sessions = sqlx::raw_sql(SESSIONS).fetch_all(connection).await?;
        if self.is_among(&sessions)? {
            return Ok(true);
        }
        for session in &sessions {
            if text(session, "User")? == *self.user {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns `false` if the server has begun anew since, and is known to have.
    async fn is_of_server(&self, connection: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
        match self.server_began {
            Some(began) => Ok(server_began(connection).await? == began),
            None => Ok(true),
        }
    }

    fn is_among(&self, sessions: &[MySqlRow]) -> Result<bool, sqlx::Error> {
        match find(sessions, self.id)? {
            Some(session) => Ok(text(session, "Host")? == *self.host),
            None => Ok(false),
        }
    }

    /// Kills the session or its statement over another connection; `false` if the session is gone. Between
    /// the check and the KILL the id stays with its session: ids begin anew only after both have ended.
    pub(super) async fn kill(
        &self,
        what: Kill,
        connection: &mut MySqlConnection,
    ) -> Result<bool, sqlx::Error> {
        if !self.is_of_server(connection).await? {
            return Ok(false);
        }
        let sessions = sqlx::raw_sql(SESSIONS).fetch_all(&mut *connection).await?;
        if !self.is_among(&sessions)? {
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

async fn server_began(connection: &mut MySqlConnection) -> Result<i64, sqlx::Error> {
    sqlx::raw_sql(SERVER_BEGAN).fetch_one(connection).await?.try_get(0)
}

fn find(sessions: &[MySqlRow], id: u64) -> Result<Option<&MySqlRow>, sqlx::Error> {
    for session in sessions {
        // An integer with a sign on one of the two servers, and without one on the other.
        if session.try_get_unchecked::<u64, _>("Id")? == id {
            return Ok(Some(session));
        }
    }
    Ok(None)
}

fn text(session: &MySqlRow, column: &str) -> Result<String, sqlx::Error> {
    session.try_get_unchecked(column)
}

#[derive(Clone, Copy)]
pub(super) enum Kill {
    Statement,
    Session,
}

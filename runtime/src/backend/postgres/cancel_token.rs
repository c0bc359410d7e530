use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Executor, PgConnection, Row, ValueRef};

use super::time_limit;

/// One session of the server, or one transaction of a session that a pooler lends. Process ids are
/// used again, so the time when it began is part of the name: no other is hit, however late the call.
///
/// `CancelRequest` would need no session of its own to send, but `sqlx` keeps the secret key for it
/// private.
#[derive(Clone, Debug)]
pub struct CancelToken {
    pid: i32,
    began: Began,
    /// Microseconds since 1970: their text does not depend on `DateStyle` and `TimeZone`.
    at: i64,
    takes_writes: bool,
    /// The number of the server among those of the URL.
    server: usize,
}

#[derive(Clone, Copy, Debug)]
enum Began {
    Session,
    /// The transaction, of a session that is ours until we give it back.
    Lease,
    /// The transaction, of a session that is another's after it.
    Transaction,
}

macro_rules! micros {
    ($time:literal) => {
        concat!("(extract(epoch FROM ", $time, ") * 1000000)::bigint")
    };
}

/// The login may be another role than the one that it sets, which cannot see the session.
const SELECT_TOKEN: &str = concat!(
    "SET LOCAL ROLE NONE; SELECT pid, ",
    micros!("backend_start"),
    ", current_setting('transaction_read_only') = 'off', ssl, ",
    time_limit::lower!(local: false),
    " FROM pg_stat_get_activity(pg_backend_pid()), ",
    time_limit::ours!()
);

/// The session of another login, as credentials may name one for each connection, does not show when it began.
const HIDDEN: &str = "backend_start IS NULL";

const LOWER_LIMIT: &str =
    concat!("SELECT ", time_limit::lower!(local: false), " FROM ", time_limit::ours!());

/// Lowers the time limit of a transaction. Answered with what names it, and if it began with this message.
/// The last column but one tells if the session is still ours after it.
pub(super) fn select_token_of_transaction(session_stays: bool, time_limit: &str) -> String {
    const SELECT: &str =
        concat!("SELECT pg_backend_pid(), ", micros!("now()"), ", now() = statement_timestamp()");
    const LOWER: &str = time_limit::lower!(local: true);
    format!("{SELECT}, {session_stays}, {LOWER} FROM (VALUES ({time_limit})) AS limits(ours)")
}

/// Returns `true` if the transaction is older than the message that was to begin it.
pub(super) fn is_older_than_its_message(answer: &PgRow) -> bool {
    text(answer, 2).is_ok_and(|began_with_it| began_with_it.as_deref() == Some("f"))
}

/// A session that has just begun.
pub(super) struct NewSession {
    /// `None` if the session may not see when it began.
    pub(super) token: Option<CancelToken>,
    /// `false` if it may not see that either.
    pub(super) is_plain_text: bool,
}

impl NewSession {
    /// Lowers the session's time limit, and asks for what tells it from others.
    pub(super) async fn begin(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let row = match sqlx::raw_sql(SELECT_TOKEN).fetch_one(&mut *connection).await {
            Ok(row) => row,
            // The role may not ask for it.
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
                connection.execute(LOWER_LIMIT).await?;
                return Ok(NewSession { token: None, is_plain_text: false });
            }
            Err(error) => return Err(error),
        };
        let is_plain_text = text(&row, 3)?.as_deref() == Some("f");
        if text(&row, 1)?.is_none() {
            return Ok(NewSession { token: None, is_plain_text });
        }
        let takes_writes = text(&row, 2)?.as_deref() == Some("t");
        let token = CancelToken::read(&row, Began::Session, takes_writes)?;
        Ok(NewSession { token: Some(token), is_plain_text })
    }
}

impl CancelToken {
    pub(super) fn of_transaction(answer: &PgRow) -> Result<Self, sqlx::Error> {
        let stays = text(answer, 3)?.as_deref() == Some("t");
        Self::read(answer, if stays { Began::Lease } else { Began::Transaction }, true)
    }

    fn read(row: &PgRow, began: Began, takes_writes: bool) -> Result<Self, sqlx::Error> {
        Ok(CancelToken {
            pid: number(row, 0)?,
            began,
            at: number(row, 1)?,
            takes_writes,
            server: 0,
        })
    }

    /// Names the server that the session is on.
    pub(super) fn at(self, server: usize) -> Self {
        CancelToken { server, ..self }
    }

    pub(super) fn server(&self) -> usize {
        self.server
    }

    /// Returns `true` if the session took writes when it began.
    pub(super) fn takes_writes(&self) -> bool {
        self.takes_writes
    }

    /// Calls an administration function on this one and no other; no row where it is gone.
    pub(super) fn call(&self, function: &str) -> String {
        let (pid, is_it) = (self.pid, self.is_it());
        format!(
            "SELECT {HIDDEN}, CASE WHEN {is_it} THEN {function}({pid}) END \
             FROM pg_stat_get_activity({pid}) WHERE {is_it} OR {HIDDEN}"
        )
    }

    /// Returns `true` if the answer to [`call`](CancelToken::call) is that this one is not to be seen, and was not called.
    pub(super) fn is_hidden(answer: &PgRow) -> Result<bool, sqlx::Error> {
        Ok(text(answer, 0)?.as_deref() == Some("t"))
    }

    /// Looks after this one; no row where it is gone. One that is not to be seen counts.
    pub(super) fn look(&self) -> String {
        let (pid, is_it) = (self.pid, self.is_it());
        format!("SELECT 1 FROM pg_stat_get_activity({pid}) WHERE {is_it} OR {HIDDEN}")
    }

    fn is_it(&self) -> String {
        let at = self.at;
        match self.began {
            Began::Session => format!("{} = {at}", micros!("backend_start")),
            // Without `track_activities` no transaction is seen, but the session is ours.
            Began::Lease => {
                format!("({} = {at} OR state = 'disabled')", micros!("xact_start"))
            }
            Began::Transaction => format!("{} = {at}", micros!("xact_start")),
        }
    }
}

// The simple protocol: all values are text.
fn text(row: &PgRow, column: usize) -> Result<Option<String>, sqlx::Error> {
    let value: PgValueRef<'_> = row.try_get_raw(column)?;
    match value.is_null() {
        true => Ok(None),
        false => value.as_str().map(|text| Some(text.to_owned())).map_err(sqlx::Error::Decode),
    }
}

fn number<N: std::str::FromStr>(row: &PgRow, column: usize) -> Result<N, sqlx::Error>
where
    N::Err: std::error::Error + Send + Sync + 'static,
{
    let text = text(row, column)?.ok_or(sqlx::Error::RowNotFound)?;
    text.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

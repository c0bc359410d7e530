use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, ready};
use sqlx::error::DatabaseError;
use sqlx::{Connection, Database, Executor, SqlStr};

use crate::capacity::Capacity;
use crate::settings::Settings;
use crate::{Error, TxOptions};

/// The operations that the pool and the leases need of a database.
// Public in a private module, and so out of reach for users: it seals `Backend`.
pub trait Driver: Database {
    /// The way to connect: `sqlx`'s options, and what must stay alive between connections.
    type Connector: Clone + Send + Sync + 'static;

    /// Names a session, or the transaction that a pooler lends one to, so that another connection can
    /// stop what it does.
    type CancelToken: Clone + Send + Sync + 'static;

    /// `true` if a failed statement ends its transaction.
    const FAILURE_ENDS_TRANSACTION: bool;

    /// `true` if a transaction keeps all others waiting, because all of them write.
    const ONE_WRITER: bool;

    /// `true` if a connection is read by the runtime that made it, and ends with that.
    const IS_READ_BY_RUNTIME: bool;

    /// `true` if a session ends only where its connection is closed.
    const ENDS_WITH_CONNECTION: bool;

    /// `true` if rows come unasked, so that to read the rest of them may take for ever.
    const PUSHES_ROWS: bool;

    /// `true` if time limits and names are settings of a session.
    const HAS_SESSION_SETTINGS: bool;

    /// Tells if a statement may commit the transaction around it without a word; `None` if none does.
    const MAY_COMMIT: Option<fn(&str) -> bool> = None;

    /// `true` if the rest of an answer can be read after a future that waited for it was dropped.
    const RESUMES_ANSWERS: bool;

    /// The messages that end a transaction. They fail if it has ended before, where that goes unnoticed
    /// otherwise.
    const COMMIT: &'static str;
    const ROLLBACK: &'static str;

    /// `true` if a transaction cannot be read-only, but its whole session can.
    const READ_ONLY_BY_SESSION: bool = false;

    /// The message in place of COMMIT in a test transaction: sets the savepoint `shortlease`.
    #[cfg(feature = "test")]
    const SET_SAVEPOINT: &'static str;

    fn connector(
        url: &str,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Self::Connector, Error>;

    /// Makes a connector from options that others have set.
    fn connector_with(
        options: ConnectOptionsOf<Self>,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Self::Connector, Error>;

    /// Returns `true` if it connects over a socket in the file system, which is missing while its server is away.
    fn uses_socket_file(_: &Self::Connector) -> bool {
        false
    }

    /// Returns the error of a connect that was cut at `connect_timeout`.
    fn no_answer() -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, "no answer within `connect_timeout`")
    }

    fn connect(connector: &Self::Connector) -> BoxFuture<'_, Connected<Self>>;

    /// Makes a connection for [`dedicated`](crate::Db::dedicated) use, without the limits of a lease.
    fn connect_unlimited(connector: &Self::Connector) -> BoxFuture<'_, Connected<Self>>;

    /// Asks for the cancel token of a connection that somebody else made. `None` if each of its
    /// transactions has another.
    fn cancel_token<'a>(
        connector: &'a Self::Connector,
        connection: &'a mut Self::Connection,
    ) -> BoxFuture<'a, Result<Option<Self::CancelToken>, sqlx::Error>>;

    /// Returns the options of a connection for [`dedicated`](crate::Db::dedicated) use, with the credentials of the moment.
    /// They have just worked: a pool of `sqlx` that is refused tries again for as long as it may, and then says only that it
    /// did not get in.
    fn unlimited_options(
        connector: &Self::Connector,
    ) -> BoxFuture<'_, Result<ConnectOptionsOf<Self>, Error>>;

    /// Asks for the cancel token of a connection for [`dedicated`](crate::Db::dedicated) use that a pool of `sqlx` made.
    fn session_token<'a>(
        connector: &'a Self::Connector,
        connection: &'a mut Self::Connection,
    ) -> BoxFuture<'a, Result<Option<Self::CancelToken>, sqlx::Error>> {
        Self::cancel_token(connector, connection)
    }

    /// Returns `true` if a transaction is open on the connection.
    fn is_in_transaction(
        connection: &mut Self::Connection,
    ) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

    /// Reads the cancel token from a row of the answer to [`begin`](Driver::begin), if that contains it.
    fn cancel_token_of_transaction(_: &Self::Row) -> Option<Self::CancelToken> {
        None
    }

    /// Returns `true` if a row of the answer to [`begin`](Driver::begin) shows that a transaction was open
    /// already.
    fn was_in_transaction(_: &Self::Row) -> bool {
        false
    }

    /// Returns `true` if a statement was refused because its transaction has failed.
    fn is_in_failed_transaction(_: &dyn DatabaseError) -> bool {
        false
    }

    /// Returns the connection as its own executor, for code generic over the database.
    fn executor<'c>(connection: &'c mut Self::Connection) -> impl Executor<'c, Database = Self>;

    /// Asks for the number of sessions that fit. `None` if nothing limits it.
    fn capacity(
        connection: &mut Self::Connection,
    ) -> BoxFuture<'_, Result<Option<Capacity>, sqlx::Error>>;

    /// Writes the message that begins a transaction.
    fn begin(connector: &Self::Connector, start: &TxStart<'_>) -> Result<Begin, Error>;

    /// Counts the transactions that were rolled back in a session, if the database may do that by
    /// itself and then goes on without a transaction.
    fn rollbacks(_: &Self::CancelToken) -> Option<&Arc<AtomicU64>> {
        None
    }

    /// Returns `true` if the session took writes when it began.
    fn takes_writes(_: &Self::CancelToken) -> bool {
        true
    }

    /// Asks if a transaction that begins now takes writes, where one can make itself read-only.
    fn takes_writes_now(_: &mut Self::Connection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        ready(Ok(false)).boxed()
    }

    /// Notes in the token what is set on a connection that is ready for its first lease, if a lease changes it.
    fn note_settings<'a>(
        _: &'a mut Self::Connection,
        _: &'a mut Self::CancelToken,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        ready(Ok(())).boxed()
    }

    /// Returns `true` if the user has set that the connection takes no writes, in whichever transaction.
    fn is_read_only(_: &Self::CancelToken) -> bool {
        false
    }

    /// Has the session refuse all writes, or take them again, where that is
    /// [how a transaction is read-only](Driver::READ_ONLY_BY_SESSION).
    fn set_read_only(_: &mut Self::Connection, _: bool) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        ready(Ok(())).boxed()
    }

    /// Makes ready to stop the statement that runs.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is stopped before the answer to this is polled.
    fn prepare_cancel<'a>(
        connector: &'a Self::Connector,
        token: &'a Self::CancelToken,
    ) -> BoxFuture<'a, Result<Cancel<'a>, sqlx::Error>>;

    /// Ends the session, whatever it does.
    fn terminate<'a>(
        connector: &'a Self::Connector,
        token: &'a Self::CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>>;

    /// Stops the statement that runs if that can be done at once, in a drop. Otherwise it ends at its
    /// own limits.
    fn abandon(_: &Self::CancelToken) {}

    /// Reads the answers that are still on their way.
    fn drain(connection: &mut Self::Connection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        async move {
            loop {
                // Each error is one message less on its way.
                match connection.flush().await {
                    Err(sqlx::Error::Database(error))
                        if Self::classify(&*error).leaves_session() => {}
                    drained => return drained,
                }
            }
        }
        .boxed()
    }

    /// Reads the answers that are still on their way, so that the connection takes statements again,
    /// also after one that was cancelled.
    fn resume<'a>(
        connection: &'a mut Self::Connection,
        _: Option<&'a Self::CancelToken>,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Self::drain(connection)
    }

    /// Takes back what a lease may have left; fails if the connection cannot be trusted any more.
    fn reset<'a>(
        connection: &'a mut Self::Connection,
        token: Option<&'a Self::CancelToken>,
        scope: ResetScope,
        in_transaction: bool,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>>;

    /// Tells what an error of the server says about the connection that it came on.
    fn classify(error: &dyn DatabaseError) -> ErrorClass;

    /// Has a connection prepare its statements anew, and look its types up anew.
    fn forget_statements(_: &mut Self::Connection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        ready(Ok(())).boxed()
    }

    /// Has `sqlx` look up the types of a text that is to be sent without a name, if it would otherwise do
    /// that in the middle of the statement and lose it.
    fn look_up_types<'c>(
        _: &'c mut Self::Connection,
        _: &SqlStr,
        _: &Self::Arguments,
    ) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        ready(Ok(())).boxed()
    }

    /// Returns `true` if a connect that failed with this error may succeed soon: the server has no room
    /// for it, or is starting.
    fn may_pass(error: &dyn DatabaseError) -> bool;

    /// Words a statement's error by the setting that it is about, if it is about one.
    fn explain(error: sqlx::Error) -> sqlx::Error {
        error
    }

    /// Runs the pending migrations. Waits for another that migrates, up to a limit.
    fn migrate<'a>(
        connector: &'a Self::Connector,
        connection: &'a mut Self::Connection,
        migrator: &'a sqlx::migrate::Migrator,
        limit: Duration,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// Asks, beside the connection, if its session is still there. It always is where there is no server.
    fn is_alive<'a>(
        _: &'a Self::Connector,
        _: &'a Self::CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        ready(Ok(true)).boxed()
    }
}

/// The options and settings of a transaction that is to begin.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct TxStart<'s> {
    /// The one whose schema it works in.
    pub(crate) tenant: Option<&'s str>,
    /// Settings of the server, by name.
    pub(crate) settings: &'s [(String, String)],
    pub(crate) options: TxOptions,
}

/// The message that begins a transaction.
pub struct Begin {
    pub(crate) sql: SqlStr,
    /// It holds values of settings, which may be secret.
    pub(crate) has_values: bool,
}

impl From<SqlStr> for Begin {
    fn from(sql: SqlStr) -> Self {
        Begin { sql, has_values: false }
    }
}

/// Stops the statement that runs; `false` if the session is gone. A statement that is sent on the
/// connection after this has returned is not hit. One that is sent before may be, also if this is dropped.
pub(crate) type Cancel<'a> = BoxFuture<'a, Result<bool, sqlx::Error>>;

/// `sqlx`'s connect options of a database, such as `PgConnectOptions`.
pub(crate) type ConnectOptionsOf<DB> = <<DB as Database>::Connection as Connection>::Options;

/// A connection and its cancel token. Behind a pooler it has none between transactions.
pub(crate) type Connected<DB> =
    Result<(<DB as Database>::Connection, Option<<DB as Driver>::CancelToken>), Error>;

/// The sessions that a connector leads to.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// Others use them too, so that nothing may be set on them for longer than a transaction.
    pub(crate) are_shared: bool,
    /// An open transaction may stand idle for `idle_in_transaction_timeout` only.
    #[cfg_attr(
        not(any(feature = "mysql", feature = "postgres")),
        expect(dead_code, reason = "SQLite has no such limit")
    )]
    pub(crate) limit_idle_transactions: bool,
}

/// The part of a session that a reset takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetScope {
    /// The transaction that is open, if any.
    Transaction,
    /// The transaction, and the names of statements.
    TransactionAndNames,
    /// The transaction, and all that checked code can leave in a session.
    Session,
    /// All that unchecked code can leave in a session.
    UncheckedSession,
}

/// The meaning of an error of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The statement failed.
    Failed,
    /// The statement failed because of another transaction, and may succeed in a new one.
    Conflict,
    /// The statement failed because of another transaction, and its own was rolled back with it.
    RolledBack,
    /// The statement, one of ours, found that its transaction had ended before.
    TransactionEnded,
    /// The statement was cancelled, by its time limit or by somebody.
    Cancelled,
    /// The statement failed because the session keeps a plan or a type that has changed since.
    Stale,
    /// The statement failed because the server does not take writes.
    ReadOnly,
    /// The session was ended, because its transaction stood idle for too long.
    IdleInTransaction,
    /// The session was ended.
    Ended,
}

impl ErrorClass {
    /// Returns `true` if the session goes on after it.
    pub(crate) fn leaves_session(self) -> bool {
        !matches!(self, Self::IdleInTransaction | Self::Ended)
    }

    /// Returns `true` if the statement failed because of another transaction.
    pub(crate) fn is_conflict(self) -> bool {
        matches!(self, Self::Conflict | Self::RolledBack)
    }

    /// Returns `true` if no transaction is open after it.
    pub(crate) fn leaves_no_transaction(self) -> bool {
        matches!(self, Self::RolledBack | Self::TransactionEnded)
    }
}

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures_util::future::BoxFuture;
use sqlx::error::DatabaseError;
use sqlx::{Connection, Database, Executor, SqlStr};

use crate::Error;
use crate::budget::Room;
use crate::conn::mode::Mode;
use crate::settings::Settings;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

/// A database a lease can be opened on: one file each. Sealed.
pub trait Backend: Database + sealed::Sealed {
    /// How to connect: `sqlx`'s options, and what must stay alive between connections.
    #[doc(hidden)]
    type Connector: Clone + Send + Sync + 'static;

    /// The other end of a connection, as it is named from outside to stop or end what it does.
    #[doc(hidden)]
    type Peer: Clone + Send + Sync + 'static;

    /// Whether a failed statement ends the transaction it is in.
    #[doc(hidden)]
    const FAILURE_ENDS_TRANSACTION: bool;

    /// Whether a transaction keeps all others waiting, as all of them write.
    #[doc(hidden)]
    const ONE_WRITER: bool;

    /// `true` if time limits and names are settings of a session.
    #[doc(hidden)]
    const HAS_SESSION_SETTINGS: bool;

    /// The message in place of COMMIT in a test transaction: sets the savepoint `shortlease`.
    #[cfg(feature = "test")]
    #[doc(hidden)]
    const SET_SAVEPOINT: &'static str;

    #[doc(hidden)]
    fn connector(url: &str, settings: &Settings, mode: &Mode) -> Result<Self::Connector, Error>;

    /// Does the same by options that others have set.
    #[doc(hidden)]
    fn connector_with(
        options: ConnectOptionsOf<Self>,
        settings: &Settings,
        mode: &Mode,
    ) -> Result<Self::Connector, Error>;

    #[doc(hidden)]
    fn connect(connector: &Self::Connector) -> BoxFuture<'_, Connected<Self>>;

    /// How to reach the other end of a connection that somebody else made.
    #[doc(hidden)]
    fn meet<'a>(
        connector: &'a Self::Connector,
        connection: &'a mut Self::Connection,
    ) -> BoxFuture<'a, Result<Option<Self::Peer>, sqlx::Error>>;

    /// A connection for [`dedicated`](crate::Db::dedicated) use: without the limits of a lease.
    #[doc(hidden)]
    fn connect_unlimited(connector: &Self::Connector) -> BoxFuture<'_, Connected<Self>>;

    /// The connection as its own executor, for code generic over the database.
    #[doc(hidden)]
    fn executor<'c>(connection: &'c mut Self::Connection) -> impl Executor<'c, Database = Self>;

    /// How many sessions there is room for, where that is limited.
    #[doc(hidden)]
    fn room(connection: &mut Self::Connection) -> BoxFuture<'_, Result<Option<Room>, sqlx::Error>>;

    /// The statement that opens a transaction, in the schema of a tenant where one is given.
    #[doc(hidden)]
    fn begin(connector: &Self::Connector, tenant: Option<&str>) -> Result<SqlStr, Error>;

    /// The peer, where [`begin`](Backend::begin) answers with it: behind a pooler each transaction
    /// may have another.
    #[doc(hidden)]
    fn peer(answer: &Self::Row) -> Option<Self::Peer>;

    /// How often a transaction was rolled back at the peer, where the database may do that by itself
    /// and then goes on without one.
    #[doc(hidden)]
    fn rollbacks(_: &Self::Peer) -> Option<&Arc<AtomicU64>> {
        None
    }

    /// Stops the statement that runs at the peer; `false` where the peer is gone. What is sent on
    /// the connection after it returned is not hit.
    #[doc(hidden)]
    fn cancel<'a>(
        connector: &'a Self::Connector,
        peer: &'a Self::Peer,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>>;

    /// Ends the peer, whatever it does.
    #[doc(hidden)]
    fn terminate<'a>(
        connector: &'a Self::Connector,
        peer: &'a Self::Peer,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>>;

    /// Reads what is still on its way.
    #[doc(hidden)]
    fn drain(connection: &mut Self::Connection) -> BoxFuture<'_, Result<(), sqlx::Error>>;

    /// Reads what is still on its way, so that the connection takes statements again, also after one
    /// that was cancelled.
    #[doc(hidden)]
    fn resume<'a>(
        connection: &'a mut Self::Connection,
        peer: Option<&'a Self::Peer>,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>>;

    /// Takes back what a lease may have left; fails if the connection cannot be trusted any more.
    #[doc(hidden)]
    fn reset(
        connection: &mut Self::Connection,
        scope: ResetScope,
    ) -> BoxFuture<'_, Result<(), sqlx::Error>>;

    /// What an error of the server says about the connection it came on.
    #[doc(hidden)]
    fn verdict(error: &dyn DatabaseError) -> Verdict;

    /// The error that a statement failed with, in words of a setting where it is about one.
    #[doc(hidden)]
    fn explain(error: sqlx::Error) -> sqlx::Error {
        error
    }

    #[doc(hidden)]
    fn migrate<'a>(
        connection: &'a mut Self::Connection,
        migrator: &'a sqlx::migrate::Migrator,
    ) -> BoxFuture<'a, Result<(), sqlx::migrate::MigrateError>>;
}

/// `sqlx`'s connect options of a database, such as `PgConnectOptions`.
pub(crate) type ConnectOptionsOf<DB> = <<DB as Database>::Connection as Connection>::Options;

/// A connection and its peer. Behind a pooler it has none between transactions.
pub(crate) type Connected<DB> =
    Result<(<DB as Database>::Connection, Option<<DB as Backend>::Peer>), Error>;

/// The part of a session that a reset takes back.
#[doc(hidden)]
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

/// What an error of the server means.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The statement failed.
    Failed,
    /// The statement was cancelled, by its time limit or by somebody.
    Cancelled,
    /// The session was ended, as its transaction stood idle for too long.
    IdleInTransaction,
    /// The session was ended.
    Ended,
}

mod sealed {
    pub trait Sealed {}

    #[cfg(feature = "postgres")]
    impl Sealed for sqlx::Postgres {}
    #[cfg(feature = "sqlite")]
    impl Sealed for sqlx::Sqlite {}
}

/// A bad URL, said without repeating it: it may hold a password.
fn bad_url(scheme: &str, error: &dyn fmt::Display) -> Error {
    Error::setting("url", format!("is not a {scheme} URL: {error}"))
}

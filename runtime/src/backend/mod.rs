use std::fmt;

use futures_util::future::BoxFuture;
use sqlx::{Database, Executor};

use crate::Error;
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

    /// The statement that opens a transaction.
    #[doc(hidden)]
    const BEGIN: &'static str;

    /// Whether a failed statement ends the transaction it is in.
    #[doc(hidden)]
    const FAILURE_ENDS_TRANSACTION: bool;

    #[doc(hidden)]
    fn connector(url: &str, settings: &Settings) -> Result<Self::Connector, Error>;

    #[doc(hidden)]
    fn connect(connector: &Self::Connector)
    -> BoxFuture<'_, Result<Self::Connection, sqlx::Error>>;

    /// The connection as its own executor, for code generic over the database.
    #[doc(hidden)]
    fn executor<'c>(connection: &'c mut Self::Connection) -> impl Executor<'c, Database = Self>;

    /// Ends whatever transaction is open; fails where the connection cannot be trusted any more.
    #[doc(hidden)]
    fn reset(connection: &mut Self::Connection) -> BoxFuture<'_, Result<(), sqlx::Error>>;

    #[doc(hidden)]
    fn migrate<'a>(
        connection: &'a mut Self::Connection,
        migrator: &'a sqlx::migrate::Migrator,
    ) -> BoxFuture<'a, Result<(), sqlx::migrate::MigrateError>>;
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

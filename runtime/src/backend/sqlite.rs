use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Executor, Sqlite, SqliteConnection};
use tokio::sync::Mutex;

use super::{Backend, bad_url};
use crate::Error;
use crate::settings::Settings;

/// SQLite waits this long for another writer before it answers `SQLITE_BUSY`; `sqlx`'s default.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub struct Connector {
    options: SqliteConnectOptions,
    /// An in-memory database lives as long as one connection to it does.
    anchor: Option<Arc<Mutex<Option<SqliteConnection>>>>,
}

impl Backend for Sqlite {
    type Connector = Connector;

    // A deferred transaction that reads first and then writes fails at once where another writer is
    // active, whatever the busy timeout.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const FAILURE_ENDS_TRANSACTION: bool = false;

    fn connector(url: &str, _: &Settings) -> Result<Connector, Error> {
        static IN_MEMORY: AtomicU64 = AtomicU64::new(0);

        if !url.starts_with("sqlite:") {
            return Err(bad_url("SQLite", &"it must start with `sqlite:`"));
        }
        let in_memory = url.starts_with("sqlite::memory:") || url.starts_with("sqlite://:memory:");
        let options: SqliteConnectOptions =
            url.parse().map_err(|error| bad_url("SQLite", &error))?;
        let options = options.busy_timeout(BUSY_TIMEOUT);
        if in_memory {
            // Not the shared cache: its table locks ignore the busy timeout.
            let nth = IN_MEMORY.fetch_add(1, Ordering::Relaxed);
            let options = options
                .in_memory(false)
                .shared_cache(false)
                .filename(format!("/shortlease-{}-{nth}", std::process::id()))
                .vfs("memdb")
                .create_if_missing(true);
            return Ok(Connector { options, anchor: Some(Arc::default()) });
        }
        let read_only = url.contains("mode=ro") || url.contains("immutable=");
        let options =
            if read_only { options } else { options.journal_mode(SqliteJournalMode::Wal) };
        Ok(Connector { options, anchor: None })
    }

    fn connect(connector: &Connector) -> BoxFuture<'_, Result<SqliteConnection, sqlx::Error>> {
        async move {
            if let Some(anchor) = &connector.anchor {
                let mut anchor = anchor.lock().await;
                if anchor.is_none() {
                    *anchor = Some(connector.options.connect().await?);
                }
            }
            let mut connection = connector.options.connect().await?;
            if connector.anchor.is_none() {
                // Looks into the file, which opening it read-only does not.
                connection.execute("PRAGMA schema_version").await?;
            }
            Ok(connection)
        }
        .boxed()
    }

    fn executor<'c>(connection: &'c mut SqliteConnection) -> impl Executor<'c, Database = Sqlite> {
        connection
    }

    fn reset(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        async move {
            // Without a transaction it fails, which is as good.
            match connection.execute("ROLLBACK").await {
                Ok(_) | Err(sqlx::Error::Database(_)) => connection.ping().await,
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn migrate<'a>(
        connection: &'a mut SqliteConnection,
        migrator: &'a Migrator,
    ) -> BoxFuture<'a, Result<(), MigrateError>> {
        // `run` asks for an `Acquire` that is not general enough for a borrowed connection.
        migrator.run_direct(None, connection, false).boxed()
    }
}

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt, ready};
use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, SqlStr, Sqlite, SqliteConnection};
use tokio::sync::Mutex;
use tokio::time::sleep;

use self::migration_lock::MigrationLock;
use super::bad_url;
use super::driver::{Begin, Cancel, Connected, Driver, ErrorClass, ResetScope, Sessions, TxStart};
use crate::backoff::random;
use crate::capacity::Capacity;
use crate::connection_settings::ConnectionSettings;
use crate::error::{Error, ForeignTransaction};
use crate::settings::Settings;

mod migration_lock;

/// The least time between two tries to open a file that is locked.
const OPEN_AGAIN: Duration = Duration::from_millis(10);

/// A statement looks this often, in steps of SQLite's virtual machine, whether it was cancelled: about
/// every 20 microseconds.
const STEPS: i32 = 1_000;

/// `SQLITE_BUSY_SNAPSHOT`: another connection has written since this transaction read.
const BUSY_SNAPSHOT: &str = "517";

#[derive(Clone)]
pub struct Connector {
    options: SqliteConnectOptions,
    /// An in-memory database lives as long as one connection to it does.
    anchor: Option<Arc<Mutex<Option<SqliteConnection>>>>,
    /// A pool that others use too lends the connections.
    shared: bool,
    /// The names of the pragmas that a setting sets.
    pragmas: Arc<[String]>,
    /// The longest that a lease may wait for the lock of somebody else.
    lock_wait: Duration,
}

/// The values that others share with the thread that a connection runs in.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    /// Set, it stops the statement that runs.
    stop: Arc<AtomicBool>,
    /// How often a transaction was rolled back.
    rollbacks: Arc<AtomicU64>,
    /// The user has set `query_only`.
    query_only: bool,
}

/// Sets pragmas on each connection.
fn set_pragmas(
    options: SqliteConnectOptions,
    settings: &ConnectionSettings,
) -> Result<SqliteConnectOptions, Error> {
    settings.iter().try_fold(options, |options, (name, value)| {
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if !is_name(name) || value.contains([';', '\0']) {
            let reason =
                format!("{name:?} is not a pragma with one value; write one such as `cache_size`");
            return Err(Error::setting("setting", reason));
        }
        Ok(options.pragma(name.to_owned(), value.to_owned()))
    })
}

/// SQLite ignores a pragma that it does not know, so a misspelt one would have no effect.
async fn check_pragmas(connection: &mut SqliteConnection, names: &[String]) -> Result<(), Error> {
    for name in names {
        // SQLCipher has pragmas beside those that it lists. It lists `hexkey`, and others do not.
        let known = "SELECT EXISTS (SELECT 1 FROM pragma_pragma_list WHERE name IN ($1, 'hexkey'))";
        let known = sqlx::query_scalar(known).bind(name).fetch_one(&mut *connection).await;
        if !known.map_err(Error::Connect)? {
            let reason = format!(
                "{name:?} is a pragma that this SQLite does not know and ignores; check its spelling"
            );
            return Err(Error::setting("setting", reason));
        }
    }
    Ok(())
}

/// Has SQLite answer before `max_lease` ends a lease that waits for a lock: only that answer says that it waited.
async fn limit_lock_wait(
    connection: &mut SqliteConnection,
    longest: Duration,
) -> Result<(), sqlx::Error> {
    let longest = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
    let set = sqlx::query_scalar::<_, i64>("PRAGMA busy_timeout").fetch_one(&mut *connection);
    if set.await? > longest {
        let limit = format!("PRAGMA busy_timeout = {longest}");
        connection.execute(AssertSqlSafe(limit)).await?;
    }
    Ok(())
}

impl Driver for Sqlite {
    type Connector = Connector;

    type CancelToken = CancelToken;

    const FAILURE_ENDS_TRANSACTION: bool = false;
    // `BEGIN IMMEDIATE`.
    const ONE_WRITER: bool = true;

    // It has a thread of its own.
    const IS_READ_BY_RUNTIME: bool = false;

    const ENDS_WITH_CONNECTION: bool = true;

    // Its thread stops where nobody takes the next row.
    const PUSHES_ROWS: bool = false;

    const HAS_SESSION_SETTINGS: bool = false;

    const RESUMES_ANSWERS: bool = true;
    const COMMIT: &'static str = "COMMIT";

    const ROLLBACK: &'static str = "ROLLBACK";

    // `query_only`.
    const READ_ONLY_BY_SESSION: bool = true;

    #[cfg(feature = "test")]
    const SET_SAVEPOINT: &'static str = "SAVEPOINT shortlease";

    fn connector(url: &str, settings: &Settings, sessions: Sessions) -> Result<Connector, Error> {
        if !url.starts_with("sqlite:") {
            return Err(bad_url("SQLite", &"it must start with `sqlite:`"));
        }
        let options: SqliteConnectOptions =
            url.parse().map_err(|error| bad_url("SQLite", &error))?;
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let in_memory = parameters.contains("mode=memory");
        if in_memory || is_nameless(&options) {
            // SQLite shares by name what a URI names, and nothing else.
            let shared = options.get_filename().to_string_lossy().starts_with("file:");
            let options = if shared { options } else { options.filename(":memory:") };
            let connector = Self::connector_with(options, settings, sessions)?;
            return Ok(Connector { anchor: Some(Arc::default()), ..connector });
        }
        let read_only = parameters.contains("mode=ro") || parameters.contains("immutable=");
        let options =
            if read_only { options } else { options.journal_mode(SqliteJournalMode::Wal) };
        Self::connector_with(options, settings, sessions)
    }

    fn connector_with(
        options: SqliteConnectOptions,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Connector, Error> {
        static NAMELESS: AtomicU64 = AtomicU64::new(0);

        if settings.credentials.is_some() {
            return Err(Error::setting("credentials", "are for a server, and SQLite has none"));
        }
        if settings.pooler.is_some() {
            return Err(Error::setting("pooler", "is for PostgreSQL: SQLite has no server"));
        }
        if sessions.are_shared && !settings.setting.is_empty() {
            return Err(Error::setting(
                "setting",
                "is for a pool of its own; set the pragma in the options of the `sqlx` pool",
            ));
        }
        if !sessions.are_shared && options.get_filename().as_os_str().is_empty() {
            let reason = "names no file, so that each connection would have a database of its own; write its \
                          path, or `sqlite::memory:`";
            return Err(Error::setting("url", reason));
        }
        let options = set_pragmas(options, &settings.setting)?;
        let pragmas = settings.setting.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        let lock_wait = settings.lock_wait();
        if sessions.are_shared || !is_nameless(&options) {
            let shared = sessions.are_shared;
            return Ok(Connector { options, anchor: None, shared, pragmas, lock_wait });
        }
        // Not the shared cache: its table locks ignore the busy timeout.
        let nth = NAMELESS.fetch_add(1, Ordering::Relaxed);
        let options = options
            .in_memory(false)
            .shared_cache(false)
            .filename(format!("/shortlease-{}-{nth}", std::process::id()))
            .vfs("memdb")
            .create_if_missing(true);
        Ok(Connector { options, anchor: Some(Arc::default()), shared: false, pragmas, lock_wait })
    }

    fn no_answer() -> io::Error {
        // It is opened again for as long as it is locked.
        io::Error::new(io::ErrorKind::ResourceBusy, "it was so for all of `connect_timeout`")
    }

    fn connect(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        async move {
            let (mut connection, token) = Self::connect_unlimited(connector).await?;
            limit_lock_wait(&mut connection, connector.lock_wait).await.map_err(Error::Connect)?;
            Ok((connection, token))
        }
        .boxed()
    }

    fn cancel_token<'a>(
        connector: &'a Connector,
        connection: &'a mut SqliteConnection,
    ) -> BoxFuture<'a, Result<Option<Self::CancelToken>, sqlx::Error>> {
        async move {
            if connector.shared && Self::is_in_transaction(connection).await? {
                return Err(ForeignTransaction::error());
            }
            let token = CancelToken::default();
            let CancelToken { stop, rollbacks, .. } = token.clone();
            let mut handle = connection.lock_handle().await?;
            handle.set_progress_handler(STEPS, move || !stop.load(Ordering::Acquire));
            handle.set_rollback_hook(move || {
                rollbacks.fetch_add(1, Ordering::AcqRel);
            });
            Ok(Some(token))
        }
        .boxed()
    }

    fn is_in_transaction(
        connection: &mut SqliteConnection,
    ) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        async move {
            // A transaction cannot begin in another. This one takes no lock.
            match connection.execute("BEGIN; ROLLBACK").await {
                Ok(_) => Ok(false),
                Err(sqlx::Error::Database(_)) => Ok(true),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn connect_unlimited(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        async move {
            let mut connection = open(connector).await.map_err(Error::Connect)?;
            check_pragmas(&mut connection, &connector.pragmas).await?;
            let token =
                Self::cancel_token(connector, &mut connection).await.map_err(Error::Connect)?;
            Ok((connection, token))
        }
        .boxed()
    }

    fn unlimited_options(
        connector: &Connector,
    ) -> BoxFuture<'_, Result<SqliteConnectOptions, Error>> {
        async move {
            let connection = open(connector).await.map_err(Error::Connect)?;
            let _ = connection.close().await;
            Ok(connector.options.clone())
        }
        .boxed()
    }

    fn executor<'c>(connection: &'c mut SqliteConnection) -> impl Executor<'c, Database = Sqlite> {
        connection
    }

    fn capacity(_: &mut SqliteConnection) -> BoxFuture<'_, Result<Option<Capacity>, sqlx::Error>> {
        ready(Ok(None)).boxed()
    }

    fn begin(_: &Connector, start: &TxStart<'_>) -> Result<Begin, Error> {
        if start.tenant.is_some() {
            return Err(Error::setting("tenant", "needs PostgreSQL: SQLite has no schemas"));
        }
        if !start.settings.is_empty() {
            return Err(Error::setting("setting", "needs PostgreSQL: SQLite has no settings"));
        }
        // A deferred transaction that reads first and then writes fails at once if another writer is
        // active, whatever the busy timeout. So one that may write takes its lock at the start.
        let begin = match start.options.read_only {
            true => "BEGIN",
            false => "BEGIN IMMEDIATE",
        };
        Ok(SqlStr::from_static(begin).into())
    }

    fn rollbacks(token: &Self::CancelToken) -> Option<&Arc<AtomicU64>> {
        Some(&token.rollbacks)
    }

    fn note_settings<'a>(
        connection: &'a mut SqliteConnection,
        token: &'a mut CancelToken,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            let query_only = sqlx::query_scalar("PRAGMA query_only");
            token.query_only = query_only.fetch_one(connection).await?;
            Ok(())
        }
        .boxed()
    }

    fn is_read_only(token: &CancelToken) -> bool {
        token.query_only
    }

    fn set_read_only(
        connection: &mut SqliteConnection,
        read_only: bool,
    ) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        let set = match read_only {
            true => "PRAGMA query_only = 1",
            false => "PRAGMA query_only = 0",
        };
        connection.execute(set).map_ok(drop).boxed()
    }

    fn prepare_cancel<'a>(
        _: &'a Connector,
        token: &'a Self::CancelToken,
    ) -> BoxFuture<'a, Result<Cancel<'a>, sqlx::Error>> {
        ready(Ok(stop(token).boxed())).boxed()
    }

    fn terminate<'a>(
        _: &'a Connector,
        token: &'a Self::CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        // Stays set: whatever the connection is asked to do, it does not do it.
        stop(token).boxed()
    }

    fn abandon(token: &Self::CancelToken) {
        token.stop.store(true, Ordering::Release);
    }

    fn drain(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        // The worker thread of the connection takes one command after the other.
        connection.ping().boxed()
    }

    fn resume<'a>(
        connection: &'a mut SqliteConnection,
        token: Option<&'a Self::CancelToken>,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            connection.ping().await?;
            if let Some(token) = token {
                token.stop.store(false, Ordering::Release);
            }
            Ok(())
        }
        .boxed()
    }

    fn reset<'a>(
        connection: &'a mut SqliteConnection,
        _: Option<&'a CancelToken>,
        scope: ResetScope,
        _: bool,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            if scope == ResetScope::UncheckedSession {
                // SQLite has nothing that takes back a PRAGMA.
                return Err(sqlx::Error::Configuration("lent to unchecked code".into()));
            }
            // Without a transaction it fails, which is as good.
            match connection.execute("ROLLBACK").await {
                Ok(_) | Err(sqlx::Error::Database(_)) => Ok(()),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn may_pass(error: &dyn DatabaseError) -> bool {
        is_locked(error)
    }

    fn classify(error: &dyn DatabaseError) -> ErrorClass {
        match error.code().as_deref() {
            Some(BUSY_SNAPSHOT) => ErrorClass::Conflict,
            _ => ErrorClass::Failed,
        }
    }

    fn migrate<'a>(
        connector: &'a Connector,
        connection: &'a mut SqliteConnection,
        migrator: &'a Migrator,
        limit: Duration,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            let (name, is_in_memory) = match connector.anchor {
                Some(_) => (connector.options.get_filename().to_owned(), true),
                None => {
                    // A pool that others made may be in memory too, and name it as it likes.
                    let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
                    let file: String = sqlx::query_scalar(file).fetch_one(&mut *connection).await?;
                    match file.is_empty() {
                        true => (connector.options.get_filename().to_owned(), true),
                        false => (file.into(), false),
                    }
                }
            };
            let _lock = MigrationLock::take(&name, is_in_memory, limit).await?;
            // `run` asks for an `Acquire` that is not general enough for a borrowed connection.
            Ok(migrator.run_direct(None, connection, false).await?)
        }
        .boxed()
    }
}

async fn stop(token: &CancelToken) -> Result<bool, sqlx::Error> {
    Sqlite::abandon(token);
    Ok(true)
}

/// Returns `true` for a database in memory that nobody else can open. `sqlx` numbers each `sqlite::memory:`.
fn is_nameless(options: &SqliteConnectOptions) -> bool {
    let name = options.get_filename().to_string_lossy();
    name == ":memory:" || name.starts_with("file:sqlx-in-memory-")
}

/// Returns `true` if somebody else has the file locked.
pub(crate) fn is_locked(error: &dyn DatabaseError) -> bool {
    const BUSY: i32 = 5;
    // The lower byte of an extended code is the code.
    let code = error.code().and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == BUSY)
}

/// Opens the file again for as long as somebody else has it locked: SQLite's own wait for a lock does not hold
/// where the journal becomes WAL. `connect_timeout` limits it.
async fn open(connector: &Connector) -> Result<SqliteConnection, sqlx::Error> {
    loop {
        match try_open(connector).await {
            Err(sqlx::Error::Database(error)) if is_locked(&*error) => {
                sleep(OPEN_AGAIN.mul_f64(1.0 + random())).await;
            }
            opened => return opened,
        }
    }
}

async fn try_open(connector: &Connector) -> Result<SqliteConnection, sqlx::Error> {
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

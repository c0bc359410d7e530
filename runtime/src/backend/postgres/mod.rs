use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};
use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgDatabaseError, PgRow, PgSeverity};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Postgres, Row, SqlSafeStr, SqlStr};

use self::cancel_token::{CancelToken, NewSession};
use self::connector::Connector;
use self::servers::{Server, Target};
use super::bad_url;
use super::driver::{Begin, Cancel, Connected, Driver, ErrorClass, ResetScope, Sessions, TxStart};
use super::open::{Login, read_url};
use crate::Error;
use crate::capacity::Capacity;
use crate::settings::{Pooler, Settings};

mod admin;
mod cancel_token;
mod capacity;
mod connector;
mod migrate;
mod prepared;
mod servers;
mod setting;
mod tenant;
mod time_limit;
mod tls;
mod types;

pub(crate) use tenant::LONGEST_NAME;

/// Removes everything that outlives a transaction in a session, but for prepared statements: those of
/// `sqlx` are worth keeping, and only unchecked code can leave others.
macro_rules! reset_session {
    () => {
        concat!(
            "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; UNLISTEN *; \
             SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES; SELECT ",
            time_limit::lower!(local: false),
            " FROM ",
            time_limit::ours!()
        )
    };
}

/// A message by itself is a transaction by itself, which began with it.
const IS_ALONE: &str = "SELECT now() = statement_timestamp()";
const RESET_ALONE: &str = concat!("SELECT now() = statement_timestamp(); ", reset_session!());
const RESET_ALONE_WITHOUT_NAMES: &str =
    concat!("SELECT now() = statement_timestamp(); DEALLOCATE ALL; ", reset_session!());

impl Driver for Postgres {
    type Connector = Connector;
    type CancelToken = CancelToken;

    const FAILURE_ENDS_TRANSACTION: bool = true;
    const ONE_WRITER: bool = false;
    const IS_READ_BY_RUNTIME: bool = true;
    const ENDS_WITH_CONNECTION: bool = false;
    const PUSHES_ROWS: bool = true;
    const HAS_SESSION_SETTINGS: bool = true;
    const RESUMES_ANSWERS: bool = true;
    const COMMIT: &'static str = "COMMIT";
    const ROLLBACK: &'static str = "ROLLBACK";
    // Constraints that are deferred are to be deferred afterwards, too. What `SET LOCAL` has set ends with a commit,
    // so it ends here; what the session had before stays.
    #[cfg(feature = "test")]
    const SET_SAVEPOINT: &'static str = "SAVEPOINT shortlease_check; SET CONSTRAINTS ALL IMMEDIATE; \
                                ROLLBACK TO SAVEPOINT shortlease_check; \
                                RELEASE SAVEPOINT shortlease_check; \
                                DO $$ DECLARE \
                                    kept jsonb := current_setting('shortlease.session', true); \
                                BEGIN \
                                    IF kept IS NULL THEN \
                                        SELECT coalesce(jsonb_object_agg(name, setting), '{}') INTO kept \
                                            FROM pg_settings WHERE source = 'session'; \
                                        kept := kept || jsonb_build_object('role', current_setting('role')); \
                                    ELSE RESET ALL; \
                                    END IF; \
                                    PERFORM set_config(key, value, false) FROM jsonb_each_text(kept); \
                                    PERFORM set_config('shortlease.session', kept::text, false); \
                                END $$; \
                                CLOSE ALL; SAVEPOINT shortlease";

    fn connector(url: &str, settings: &Settings, sessions: Sessions) -> Result<Connector, Error> {
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(bad_url("PostgreSQL", &"it must start with `postgres:`"));
        }
        let (urls, target) = servers::read(url)?;
        if settings.pooler.is_some() && (urls.len() > 1 || target != Target::Any) {
            return Err(Error::setting(
                "url",
                "names several hosts or `target_session_attrs`, and `pooler` is set; name one pooler, \
                 and let it choose the server",
            ));
        }
        let options = urls.iter().map(|url| read_url("PostgreSQL", url));
        let servers = options.collect::<Result<_, Error>>()?;
        Connector::new(servers, target, settings, sessions)
    }

    fn connector_with(
        options: PgConnectOptions,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Connector, Error> {
        Connector::new(vec![options], Target::Any, settings, sessions)
    }

    fn uses_socket_file(connector: &Connector) -> bool {
        connector.servers.servers.iter().any(|server| servers::uses_socket_file(&server.options))
    }

    fn connect(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(|server| &server.options, connector).boxed()
    }

    fn connect_unlimited(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(|server| &server.unlimited, connector).boxed()
    }

    fn cancel_token<'a>(
        connector: &'a Connector,
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Option<CancelToken>, sqlx::Error>> {
        token_of_session(connector, connection, 0).boxed()
    }

    fn unlimited_options(connector: &Connector) -> BoxFuture<'_, Result<PgConnectOptions, Error>> {
        connector.unlimited_options().map_err(Error::Connect).boxed()
    }

    fn session_token<'a>(
        _: &'a Connector,
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Option<CancelToken>, sqlx::Error>> {
        NewSession::begin(connection).map_ok(|session| session.token).boxed()
    }

    fn is_in_transaction(
        connection: &mut PgConnection,
    ) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        async move { Ok(!is_alone(IS_ALONE, connection).await?) }.boxed()
    }

    fn executor<'c>(connection: &'c mut PgConnection) -> impl Executor<'c, Database = Postgres> {
        connection
    }

    fn capacity(
        connection: &mut PgConnection,
    ) -> BoxFuture<'_, Result<Option<Capacity>, sqlx::Error>> {
        capacity::capacity(connection).boxed()
    }

    fn begin(connector: &Connector, start: &TxStart<'_>) -> Result<Begin, Error> {
        if connector.transaction_settings.is_none() && *start == TxStart::default() {
            return Ok(SqlStr::from_static("BEGIN").into());
        }
        // One message, and so one round trip.
        let mut sql = "BEGIN".to_owned();
        if let Some(isolation) = start.options.isolation {
            sql.push_str(" ISOLATION LEVEL ");
            sql.push_str(isolation.sql());
        }
        if start.options.read_only {
            sql.push_str(" READ ONLY");
        }
        let mut has_values = !start.settings.is_empty();
        if let Some(settings) = &connector.transaction_settings {
            sql.push_str(&settings.sql);
            has_values |= settings.has_values;
        }
        // Behind the settings of each connection, which may name a `search_path` too.
        if let Some(tenant) = start.tenant {
            sql.push_str("; SET LOCAL search_path TO ");
            sql.push_str(&tenant::quote(tenant)?);
        }
        for (name, value) in start.settings {
            sql.push_str(&setting::set_local(name, value)?);
        }
        Ok(Begin { sql: AssertSqlSafe(sql).into_sql_str(), has_values })
    }

    fn cancel_token_of_transaction(answer: &PgRow) -> Option<CancelToken> {
        CancelToken::of_transaction(answer).ok()
    }

    fn was_in_transaction(answer: &PgRow) -> bool {
        cancel_token::is_older_than_its_message(answer)
    }

    fn is_in_failed_transaction(error: &dyn DatabaseError) -> bool {
        error.code().as_deref() == Some("25P02")
    }

    fn takes_writes(token: &CancelToken) -> bool {
        token.takes_writes()
    }

    fn takes_writes_now(connection: &mut PgConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        async move {
            let question = "SELECT current_setting('transaction_read_only')";
            let answer = sqlx::raw_sql(question).fetch_one(connection).await?;
            Ok(answer.try_get_raw(0)?.as_str().is_ok_and(|read_only| read_only == "off"))
        }
        .boxed()
    }

    fn prepare_cancel<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<Cancel<'a>, sqlx::Error>> {
        admin::prepare_cancel(connector.admin(token), token, connector.pooler.is_some()).boxed()
    }

    fn terminate<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        admin::terminate(connector.admin(token), token).boxed()
    }

    fn reset<'a>(
        connection: &'a mut PgConnection,
        _: Option<&'a CancelToken>,
        scope: ResetScope,
        in_transaction: bool,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            if scope == ResetScope::UncheckedSession {
                connection.clear_cached_statements().await?;
            }
            // Without a transaction, ROLLBACK is a warning, which `sqlx` logs.
            if !in_transaction && resets_alone(connection, scope).await? {
                return Ok(());
            }
            connection
                .execute(match scope {
                    ResetScope::Transaction | ResetScope::Session => "ROLLBACK",
                    ResetScope::TransactionAndNames | ResetScope::UncheckedSession => {
                        "ROLLBACK; DEALLOCATE ALL"
                    }
                })
                .await?;
            if matches!(scope, ResetScope::Session | ResetScope::UncheckedSession) {
                connection.execute(reset_session!()).await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn classify(error: &dyn DatabaseError) -> ErrorClass {
        match error.code().as_deref() {
            Some("57014") => ErrorClass::Cancelled,
            // Serialization failure; deadlock.
            Some("40001" | "40P01") => ErrorClass::Conflict,
            Some("25P03") => ErrorClass::IdleInTransaction,
            // transaction_timeout; admin shutdown, crash, dropped database, idle session.
            Some("25P04" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05") => ErrorClass::Ended,
            // Connection exceptions, as poolers raise them too.
            Some(code) if code.starts_with("08") => ErrorClass::Ended,
            // Whatever it is about, as a full disk at COMMIT: the session has ended.
            _ if is_fatal(error) => ErrorClass::Ended,
            Some("25006") => ErrorClass::ReadOnly,
            _ if is_stale(error) => ErrorClass::Stale,
            _ => ErrorClass::Failed,
        }
    }

    fn forget_statements(connection: &mut PgConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        connection.clear_cached_statements().boxed()
    }

    fn look_up_types<'c>(
        connection: &'c mut PgConnection,
        text: &SqlStr,
        arguments: &PgArguments,
    ) -> BoxFuture<'c, Result<(), sqlx::Error>> {
        types::look_up(connection, text, arguments)
    }

    fn may_pass(error: &dyn DatabaseError) -> bool {
        match error.code().as_deref() {
            // Poolers raise it for wrong passwords and unknown databases too.
            Some("08P01") => false,
            // Starting, or just ending.
            Some("57P01" | "57P02" | "57P03") => true,
            // Connection exceptions; no room.
            Some(code) => code.starts_with("08") || code.starts_with("53"),
            None => false,
        }
    }

    fn explain(error: sqlx::Error) -> sqlx::Error {
        match prepared::is_lost(&error) {
            true => sqlx::Error::Configuration(prepared::not_kept(&error).into()),
            false => error,
        }
    }

    fn migrate<'a>(
        _: &'a Connector,
        connection: &'a mut PgConnection,
        migrator: &'a Migrator,
        limit: Duration,
    ) -> BoxFuture<'a, Result<(), Error>> {
        migrate::migrate(connection, migrator, limit).boxed()
    }

    fn is_alive<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        admin::look(connector.admin(token), token).boxed()
    }
}

impl Login for PgConnectOptions {
    fn database(&self) -> Option<&str> {
        self.get_database()
    }

    fn with_user(self, user: &str) -> Self {
        self.username(user)
    }

    fn with_password(self, password: &str) -> Self {
        self.password(password)
    }
}

/// Resets a session that is in no transaction; returns `false` if it is in one after all.
async fn resets_alone(
    connection: &mut PgConnection,
    scope: ResetScope,
) -> Result<bool, sqlx::Error> {
    let reset = match scope {
        // The message with COMMIT has removed the names.
        ResetScope::Transaction | ResetScope::TransactionAndNames => IS_ALONE,
        ResetScope::Session => RESET_ALONE,
        ResetScope::UncheckedSession => RESET_ALONE_WITHOUT_NAMES,
    };
    is_alone(reset, connection).await
}

/// Returns `true` if the first statement of a message is in no transaction but the message's.
async fn is_alone(sql: &'static str, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    match sqlx::raw_sql(sql).fetch_all(connection).await {
        Ok(rows) => {
            let alone = rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get_raw(0)?;
            Ok(alone.as_str().is_ok_and(|alone| alone == "t"))
        }
        // In a transaction that has failed, or one where part of this is refused.
        Err(sqlx::Error::Database(error)) if Postgres::classify(&*error).leaves_session() => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Returns `true` if it is about a plan or a type that the session, or `sqlx` for it, has kept. Not each `0A000`
/// is: that is also what the server answers to what it does not support.
fn is_stale(error: &dyn DatabaseError) -> bool {
    let Some(error) = error.try_downcast_ref::<PgDatabaseError>() else { return false };
    match error.code() {
        "0A000" => error.routine() == Some("RevalidateCachedQuery"),
        "XX000" => error.message().starts_with("cache lookup failed for type"),
        // The text was sent before, and its result has a type that is new since. See `types`.
        "26000" => error.routine() == Some("exec_bind_message") && !error.message().contains('"'),
        _ => false,
    }
}

fn is_fatal(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

async fn connect(
    options: fn(&Server) -> &PgConnectOptions,
    connector: &Connector,
) -> Connected<Postgres> {
    let opened = connector.servers.open(options, connector.credentials.as_ref()).await;
    let (server, mut connection) = opened.map_err(Error::Connect)?;
    if connector.pooler == Some(Pooler::TransactionWithPreparedStatements) {
        prepared::are_kept(&mut connection).await?;
    }
    let token = token_of_session(connector, &mut connection, server).await;
    Ok((connection, token.map_err(Error::Connect)?))
}

/// Asks a session on one of the servers for its cancel token.
async fn token_of_session(
    connector: &Connector,
    connection: &mut PgConnection,
    server: usize,
) -> Result<Option<CancelToken>, sqlx::Error> {
    if connector.transaction_settings.is_some() {
        // BEGIN answers with it.
        return Ok(None);
    }
    let NewSession { token, is_plain_text } = NewSession::begin(connection).await?;
    let Server { unlimited, admin, .. } = connector.servers.get(server);
    if is_plain_text {
        connector.tls.warn_once(unlimited);
    }
    if token.is_none() {
        admin.warn_once(&"the start of its own session is hidden from it");
    }
    Ok(token.map(|token| token.at(server)))
}

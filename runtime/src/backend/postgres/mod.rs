use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgRow, PgSeverity};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Postgres, SqlSafeStr, SqlStr,
};

use self::admin_conn::AdminConn;
use self::cancel_token::CancelToken;
use super::bad_url;
use super::driver::{Connected, Driver, ErrorClass, ResetScope, Sessions, TxStart};
use crate::Error;
use crate::capacity::Capacity;
use crate::settings::{Pooler, Settings};

mod admin_conn;
mod cancel_token;
mod capacity;
mod prepared;
mod setting;
mod tenant;

#[derive(Clone)]
pub struct Connector {
    options: PgConnectOptions,
    unlimited: PgConnectOptions,
    admin: Arc<AdminConn>,
    pooler: Option<Pooler>,
    /// The settings that the message which begins a transaction sets, if others use the sessions too.
    transaction_settings: Option<Arc<str>>,
}

/// Removes everything that outlives a transaction in a session, but for prepared statements: those of
/// `sqlx` are worth keeping, and only unchecked code can leave others.
const RESET_SESSION: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; UNLISTEN *; \
                     SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

impl Driver for Postgres {
    type Connector = Connector;
    type CancelToken = CancelToken;

    const FAILURE_ENDS_TRANSACTION: bool = true;
    const ONE_WRITER: bool = false;
    const HAS_SESSION_SETTINGS: bool = true;
    const AFTER_READ_ONLY: Option<&'static str> = None;

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
        let options = url.parse().map_err(|error| bad_url("PostgreSQL", &error))?;
        Self::connector_with(options, settings, sessions)
    }

    fn connector_with(
        unlimited: PgConnectOptions,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Connector, Error> {
        let unlimited = match (&settings.application_name, unlimited.get_application_name()) {
            (Some(name), _) => unlimited.application_name(name),
            (None, Some(_)) => unlimited,
            (None, None) => unlimited.application_name("shortlease"),
        };
        // The server's own belt: it ends what a dead client left running.
        let milliseconds =
            |limit: std::time::Duration| limit.as_millis().clamp(1, i32::MAX as u128).to_string();
        let mut limits = vec![("statement_timeout", milliseconds(settings.statement_timeout()))];
        if sessions.limit_idle_transactions {
            let limit = milliseconds(settings.idle_in_transaction_timeout());
            limits.push(("idle_in_transaction_session_timeout", limit));
        }
        let pooler = settings.pooler;
        let unlimited = match pooler {
            None => unlimited,
            Some(pooler) => {
                if unlimited.get_options().is_some() {
                    return Err(Error::setting(
                        "url",
                        "sets `options`, which poolers refuse; set them for the role instead",
                    ));
                }
                // PgBouncer refuses startup parameters that it does not know.
                let unlimited = unlimited.extra_float_digits(None);
                match pooler {
                    Pooler::Transaction => unlimited.statement_cache_capacity(0),
                    Pooler::TransactionWithPreparedStatements => unlimited,
                }
            }
        };
        // Others would find a setting on a session that they use too.
        let (options, transaction_settings) = if sessions.are_shared {
            let limits =
                limits.iter().map(|(name, limit)| format!("; SET LOCAL {name} TO {limit}"));
            (unlimited.clone(), Some(limits.collect::<String>().into()))
        } else {
            (unlimited.clone().options(limits), None)
        };
        let admin = Arc::new(AdminConn::new(unlimited.clone()));
        Ok(Connector { options, unlimited, admin, pooler, transaction_settings })
    }

    fn connect(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(&connector.options, connector).boxed()
    }

    fn connect_unlimited(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(&connector.unlimited, connector).boxed()
    }

    fn cancel_token<'a>(
        connector: &'a Connector,
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<Option<CancelToken>, sqlx::Error>> {
        async move {
            match connector.transaction_settings {
                None => CancelToken::of(connection).await.map(Some),
                // BEGIN answers with it.
                Some(_) => Ok(None),
            }
        }
        .boxed()
    }

    fn executor<'c>(connection: &'c mut PgConnection) -> impl Executor<'c, Database = Postgres> {
        connection
    }

    fn capacity(
        connection: &mut PgConnection,
    ) -> BoxFuture<'_, Result<Option<Capacity>, sqlx::Error>> {
        capacity::capacity(connection).boxed()
    }

    fn begin(connector: &Connector, start: &TxStart<'_>) -> Result<SqlStr, Error> {
        if connector.transaction_settings.is_none() && *start == TxStart::default() {
            return Ok(SqlStr::from_static("BEGIN"));
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
        if let Some(tenant) = start.tenant {
            sql.push_str("; SET LOCAL search_path TO ");
            sql.push_str(&tenant::quote(tenant)?);
        }
        if let Some(limits) = &connector.transaction_settings {
            sql.push_str(limits);
        }
        for (name, value) in start.settings {
            sql.push_str(&setting::set_local(name, value)?);
        }
        if connector.transaction_settings.is_some() {
            sql.push_str("; ");
            sql.push_str(cancel_token::SELECT_CANCEL_TOKEN);
        }
        Ok(AssertSqlSafe(sql).into_sql_str())
    }

    fn cancel_token_of_transaction(answer: &PgRow) -> Option<CancelToken> {
        CancelToken::of_transaction(answer).ok()
    }

    fn cancel<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        connector.admin.ask(token.call("pg_cancel_backend")).boxed()
    }

    fn terminate<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        connector.admin.ask(token.call("pg_terminate_backend")).boxed()
    }

    fn drain(connection: &mut PgConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        async move {
            loop {
                // Each error is one message less on its way.
                match connection.flush().await {
                    Err(sqlx::Error::Database(error))
                        if matches!(
                            Self::classify(&*error),
                            ErrorClass::Failed | ErrorClass::Conflict | ErrorClass::Cancelled
                        ) => {}
                    drained => return drained,
                }
            }
        }
        .boxed()
    }

    fn resume<'a>(
        connection: &'a mut PgConnection,
        _: Option<&'a CancelToken>,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Self::drain(connection)
    }

    fn reset(
        connection: &mut PgConnection,
        scope: ResetScope,
    ) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        async move {
            if scope == ResetScope::UncheckedSession {
                connection.clear_cached_statements().await?;
            }
            // Without a transaction, ROLLBACK is only a warning.
            connection
                .execute(match scope {
                    ResetScope::Transaction | ResetScope::Session => "ROLLBACK",
                    ResetScope::TransactionAndNames | ResetScope::UncheckedSession => {
                        "ROLLBACK; DEALLOCATE ALL"
                    }
                })
                .await?;
            if matches!(scope, ResetScope::Session | ResetScope::UncheckedSession) {
                connection.execute(RESET_SESSION).await?;
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
            // Whatever it is about, as a full disk at COMMIT: these are the last words of a session.
            _ if is_fatal(error) => ErrorClass::Ended,
            _ => ErrorClass::Failed,
        }
    }

    fn explain(error: sqlx::Error) -> sqlx::Error {
        match prepared::is_lost(&error) {
            true => sqlx::Error::Configuration(prepared::not_kept(&error).into()),
            false => error,
        }
    }

    fn migrate<'a>(
        connection: &'a mut PgConnection,
        migrator: &'a Migrator,
    ) -> BoxFuture<'a, Result<(), MigrateError>> {
        // `run` asks for an `Acquire` that is not general enough for a borrowed connection.
        migrator.run_direct(None, connection, false).boxed()
    }
}

fn is_fatal(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

async fn connect(options: &PgConnectOptions, connector: &Connector) -> Connected<Postgres> {
    let mut connection = options.connect().await.map_err(Error::Connect)?;
    if connector.pooler == Some(Pooler::TransactionWithPreparedStatements) {
        prepared::are_kept(&mut connection).await?;
    }
    let token = Postgres::cancel_token(connector, &mut connection).await.map_err(Error::Connect)?;
    Ok((connection, token))
}

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Postgres, SqlSafeStr, SqlStr,
};

use self::peer::Peer;
use self::side::Side;
use super::{Backend, Connected, Verdict, bad_url};
use crate::Error;
use crate::settings::Settings;

mod peer;
mod side;
mod tenant;

#[derive(Clone)]
pub struct Connector {
    options: PgConnectOptions,
    unlimited: PgConnectOptions,
    side: Arc<Side>,
}

/// What outlives a transaction in a session, but for prepared statements, which `sqlx` keeps track of:
/// `DISCARD ALL` would take them too.
const SCRUB: &str = "CLOSE ALL; RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; UNLISTEN *; \
                     SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

impl Backend for Postgres {
    type Connector = Connector;
    type Peer = Peer;

    const FAILURE_ENDS_TRANSACTION: bool = true;

    fn connector(url: &str, settings: &Settings) -> Result<Connector, Error> {
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(bad_url("PostgreSQL", &"it must start with `postgres:`"));
        }
        let unlimited: PgConnectOptions =
            url.parse().map_err(|error| bad_url("PostgreSQL", &error))?;
        let unlimited = match (&settings.application_name, unlimited.get_application_name()) {
            (Some(name), _) => unlimited.application_name(name),
            (None, Some(_)) => unlimited,
            (None, None) => unlimited.application_name("shortlease"),
        };
        // The server's own belt: it ends what a dead client left running.
        let milliseconds = |limit: std::time::Duration| limit.as_millis().max(1).to_string();
        let options = unlimited.clone().options([
            ("statement_timeout", milliseconds(settings.statement_timeout())),
            (
                "idle_in_transaction_session_timeout",
                milliseconds(settings.idle_in_transaction_timeout()),
            ),
        ]);
        let side = Arc::new(Side::new(unlimited.clone()));
        Ok(Connector { options, unlimited, side })
    }

    fn connect(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(&connector.options).boxed()
    }

    fn connect_unlimited(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(&connector.unlimited).boxed()
    }

    fn executor<'c>(connection: &'c mut PgConnection) -> impl Executor<'c, Database = Postgres> {
        connection
    }

    fn wraps_leases(_: &Connector) -> bool {
        false
    }

    fn begin(_: &Connector, tenant: Option<&str>) -> Result<SqlStr, Error> {
        match tenant {
            None => Ok(SqlStr::from_static("BEGIN")),
            Some(tenant) => {
                let schema = tenant::quote(tenant)?;
                // One message, and so one round trip.
                let sql = format!("BEGIN; SET LOCAL search_path TO {schema}");
                Ok(AssertSqlSafe(sql).into_sql_str())
            }
        }
    }

    fn peer(_: &PgRow) -> Option<Peer> {
        None
    }

    fn cancel<'a>(
        connector: &'a Connector,
        peer: &'a Peer,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        connector.side.ask(peer.call("pg_cancel_backend")).boxed()
    }

    fn terminate<'a>(
        connector: &'a Connector,
        peer: &'a Peer,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        connector.side.ask(peer.call("pg_terminate_backend")).boxed()
    }

    fn drain(connection: &mut PgConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        async move {
            loop {
                // Each error is one message less on its way.
                match connection.flush().await {
                    Err(sqlx::Error::Database(error))
                        if Self::verdict(&*error) == Verdict::Failed
                            || Self::verdict(&*error) == Verdict::Cancelled => {}
                    drained => return drained,
                }
            }
        }
        .boxed()
    }

    fn reset<'a>(
        _: &'a Connector,
        connection: &'a mut PgConnection,
        _: &'a Peer,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            Self::drain(connection).await?;
            // Without a transaction it is only a warning.
            connection.execute("ROLLBACK").await?;
            connection.execute(SCRUB).await?;
            Ok(())
        }
        .boxed()
    }

    fn verdict(error: &dyn DatabaseError) -> Verdict {
        match error.code().as_deref() {
            Some("57014") => Verdict::Cancelled,
            Some("25P03") => Verdict::IdleInTransaction,
            // transaction_timeout; admin shutdown, crash, dropped database, idle session.
            Some("25P04" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05") => Verdict::Ended,
            // Connection exceptions, as poolers raise them too.
            Some(code) if code.starts_with("08") => Verdict::Ended,
            _ => Verdict::Failed,
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

async fn connect(options: &PgConnectOptions) -> Connected<Postgres> {
    let mut connection = options.connect().await?;
    let peer = Peer::of(&mut connection).await?;
    Ok((connection, peer))
}

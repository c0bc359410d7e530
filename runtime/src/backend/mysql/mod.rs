use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, TryFutureExt};
use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, MySql, MySqlConnection, SqlSafeStr};

use self::cancel_token::{CancelToken, Kill};
use self::error_class::{begun, number_of};
use super::admin_conn::AdminConn;
use super::bad_url;
use super::driver::{Begin, Cancel, Connected, Driver, ErrorClass, ResetScope, Sessions, TxStart};
use super::open::{self, Login};
use crate::Isolation;
use crate::capacity::Capacity;
use crate::credentials::CredentialsSource;
use crate::error::{Error, ForeignTransaction};
use crate::settings::Settings;

mod cancel_token;
mod capacity;
mod error_class;
mod implicit_commit;
mod limits;
mod migrate;

#[derive(Clone)]
pub struct Connector {
    options: MySqlConnectOptions,
    credentials: Option<CredentialsSource>,
    admin: Arc<AdminConn<MySql>>,
    /// The statements that set the limits of a lease, in a session of its own.
    limits: Arc<str>,
    /// A pool that others use too lends the connections.
    shared: bool,
}

/// The end of a COMMIT or ROLLBACK: it neither begins a transaction nor ends the session, whatever `completion_type` is.
macro_rules! end {
    () => {
        " AND NO CHAIN NO RELEASE"
    };
}

/// Outside of a transaction, a savepoint is gone with the statement that sets it. Without
/// `autocommit`, each statement is in one.
const IS_IN_TRANSACTION: &str = concat!("SAVEPOINT ", begun!(), "; RELEASE SAVEPOINT ", begun!());

/// `ER_SP_DOES_NOT_EXIST`.
const NO_SUCH_SAVEPOINT: u16 = 1305;

impl Driver for MySql {
    type Connector = Connector;
    type CancelToken = CancelToken;

    const FAILURE_ENDS_TRANSACTION: bool = false;
    const ONE_WRITER: bool = false;
    const IS_READ_BY_RUNTIME: bool = true;
    const ENDS_WITH_CONNECTION: bool = false;
    const PUSHES_ROWS: bool = true;
    // They cannot be set for a transaction only.
    const HAS_SESSION_SETTINGS: bool = false;
    // `sqlx` reads the head of a packet before its body, and does not know afterwards which it has read.
    const RESUMES_ANSWERS: bool = false;
    const MAY_COMMIT: Option<fn(&str) -> bool> = Some(implicit_commit::may_commit);
    // A message ends at the first of its statements that fails.
    const COMMIT: &'static str = concat!("RELEASE SAVEPOINT ", begun!(), "; COMMIT", end!());
    const ROLLBACK: &'static str = concat!("RELEASE SAVEPOINT ", begun!(), "; ROLLBACK", end!());
    #[cfg(feature = "test")]
    const SET_SAVEPOINT: &'static str =
        concat!("RELEASE SAVEPOINT ", begun!(), "; SAVEPOINT ", begun!(), "; SAVEPOINT shortlease");

    fn connector(url: &str, settings: &Settings, sessions: Sessions) -> Result<Connector, Error> {
        if !url.starts_with("mysql:") && !url.starts_with("mariadb:") {
            return Err(bad_url("MySQL", &"it must start with `mysql:` or `mariadb:`"));
        }
        Self::connector_with(open::read_url("MySQL", url)?, settings, sessions)
    }

    fn connector_with(
        options: MySqlConnectOptions,
        settings: &Settings,
        sessions: Sessions,
    ) -> Result<Connector, Error> {
        if settings.pooler.is_some() {
            return Err(Error::setting(
                "pooler",
                "is for PostgreSQL: a proxy of MySQL keeps a session for each connection that has \
                 settings, as these have; leave it out",
            ));
        }
        if !settings.setting.is_empty() {
            return Err(Error::setting(
                "setting",
                "is for PostgreSQL and SQLite: MySQL has no form for any value that is text; use \
                 `after_connect`, or that of the `sqlx` pool if there is one",
            ));
        }
        let credentials = settings.credentials.clone();
        let limits = limits::of_session(settings, sessions).into();
        let admin = {
            let (options, credentials) = (options.clone(), credentials.clone());
            Arc::new(AdminConn::new(move || {
                let (options, credentials) = (options.clone(), credentials.clone());
                async move { open::open(&options, credentials.as_ref()).await }.boxed()
            }))
        };
        Ok(Connector { options, credentials, admin, limits, shared: sessions.are_shared })
    }

    fn uses_socket_file(connector: &Connector) -> bool {
        connector.options.get_socket().is_some()
    }

    fn connect(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(connector, &connector.limits).boxed()
    }

    fn connect_unlimited(connector: &Connector) -> BoxFuture<'_, Connected<Self>> {
        connect(connector, "SET SESSION autocommit=1; ").boxed()
    }

    fn unlimited_options(
        connector: &Connector,
    ) -> BoxFuture<'_, Result<MySqlConnectOptions, Error>> {
        async move {
            let Connector { options, credentials, .. } = connector;
            let _ = open::open(options, credentials.as_ref()).await?.close().await;
            open::with_credentials(options, credentials.as_ref()).await
        }
        .map_err(Error::Connect)
        .boxed()
    }

    fn cancel_token<'a>(
        connector: &'a Connector,
        connection: &'a mut MySqlConnection,
    ) -> BoxFuture<'a, Result<Option<CancelToken>, sqlx::Error>> {
        async move {
            // To begin a transaction would commit it.
            if connector.shared && Self::is_in_transaction(connection).await? {
                return Err(ForeignTransaction::error());
            }
            CancelToken::behind("", connection).await.map(Some)
        }
        .boxed()
    }

    fn is_in_transaction(
        connection: &mut MySqlConnection,
    ) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        async move {
            match connection.execute(IS_IN_TRANSACTION).await {
                Ok(_) => Ok(true),
                Err(sqlx::Error::Database(error))
                    if number_of(&*error) == Some(NO_SUCH_SAVEPOINT) =>
                {
                    Ok(false)
                }
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn executor<'c>(connection: &'c mut MySqlConnection) -> impl Executor<'c, Database = MySql> {
        connection
    }

    fn capacity(
        connection: &mut MySqlConnection,
    ) -> BoxFuture<'_, Result<Option<Capacity>, sqlx::Error>> {
        capacity::capacity(connection).boxed()
    }

    fn begin(_: &Connector, start: &TxStart<'_>) -> Result<Begin, Error> {
        if start.tenant.is_some() {
            return Err(Error::setting(
                "tenant",
                "needs PostgreSQL: on MySQL a schema is a database, and `USE` outlives a \
                 transaction; make a `Db` for each",
            ));
        }
        if !start.settings.is_empty() {
            return Err(Error::setting(
                "setting",
                "needs PostgreSQL: MySQL has no settings of a transaction",
            ));
        }
        let mut sql = String::new();
        let TxStart { options, .. } = start;
        if let Some(isolation) = options.isolation {
            sql.push_str("SET TRANSACTION ISOLATION LEVEL ");
            sql.push_str(isolation.sql());
            sql.push_str("; ");
        }
        sql.push_str("START TRANSACTION");
        sql.push_str(match (options.read_only, options.isolation) {
            (true, Some(Isolation::RepeatableRead)) => " WITH CONSISTENT SNAPSHOT, READ ONLY",
            (true, _) => " READ ONLY",
            (false, _) => "",
        });
        sql.push_str(concat!("; SAVEPOINT ", begun!()));
        Ok(AssertSqlSafe(sql).into_sql_str().into())
    }

    fn takes_writes(token: &CancelToken) -> bool {
        token.takes_writes()
    }

    fn prepare_cancel<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<Cancel<'a>, sqlx::Error>> {
        prepare_kill(connector, token, Kill::Statement).boxed()
    }

    fn terminate<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        async move { prepare_kill(connector, token, Kill::Session).await?.await }.boxed()
    }

    fn reset<'a>(
        connection: &'a mut MySqlConnection,
        _: Option<&'a CancelToken>,
        scope: ResetScope,
        _: bool,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async move {
            let sql = match scope {
                // No statement takes back what was set in a session.
                ResetScope::UncheckedSession => {
                    return Err(sqlx::Error::Configuration("lent to unchecked code".into()));
                }
                ResetScope::Transaction | ResetScope::TransactionAndNames => {
                    concat!("ROLLBACK", end!())
                }
                ResetScope::Session => {
                    concat!("ROLLBACK", end!(), "; UNLOCK TABLES; DO RELEASE_ALL_LOCKS()")
                }
            };
            connection.execute(sql).await.map(drop)
        }
        .boxed()
    }

    fn classify(error: &dyn DatabaseError) -> ErrorClass {
        error_class::classify(error)
    }

    fn may_pass(error: &dyn DatabaseError) -> bool {
        error_class::may_pass(error)
    }

    fn migrate<'a>(
        _: &'a Connector,
        connection: &'a mut MySqlConnection,
        migrator: &'a Migrator,
        limit: Duration,
    ) -> BoxFuture<'a, Result<(), Error>> {
        migrate::migrate(connection, migrator, limit).boxed()
    }

    fn is_alive<'a>(
        connector: &'a Connector,
        token: &'a CancelToken,
    ) -> BoxFuture<'a, Result<bool, sqlx::Error>> {
        let token = token.clone();
        async move {
            let admin = connector.admin.take().await?;
            admin
                .ask(|connection| async move { token.may_be_there(connection).await }.boxed())
                .await
        }
        .boxed()
    }
}

impl Login for MySqlConnectOptions {
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

async fn connect(connector: &Connector, limits: &str) -> Connected<MySql> {
    let opened = open::open(&connector.options, connector.credentials.as_ref()).await;
    let mut connection = opened.map_err(Error::Connect)?;
    let token = CancelToken::behind(limits, &mut connection).await.map_err(Error::Connect)?;
    Ok((connection, Some(token)))
}

async fn prepare_kill<'a>(
    connector: &'a Connector,
    token: &CancelToken,
    what: Kill,
) -> Result<Cancel<'a>, sqlx::Error> {
    let token = token.clone();
    let admin = connector.admin.take().await?;
    Ok(admin
        .ask(move |connection| async move { token.kill(what, connection).await }.boxed())
        .boxed())
}

use futures_util::future::{BoxFuture, FutureExt};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor, PgConnection, Postgres};

use super::{Backend, bad_url};
use crate::Error;
use crate::settings::Settings;

impl Backend for Postgres {
    type Connector = PgConnectOptions;

    const BEGIN: &'static str = "BEGIN";
    const FAILURE_ENDS_TRANSACTION: bool = true;

    fn connector(url: &str, settings: &Settings) -> Result<PgConnectOptions, Error> {
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(bad_url("PostgreSQL", &"it must start with `postgres:`"));
        }
        let options: PgConnectOptions =
            url.parse().map_err(|error| bad_url("PostgreSQL", &error))?;
        // The server's own belt: it ends what a dead client left running.
        let bound = settings.max_lease.as_millis().to_string();
        let options = options.options([
            ("statement_timeout", bound.as_str()),
            ("idle_in_transaction_session_timeout", bound.as_str()),
        ]);
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("shortlease"),
        };
        Ok(options)
    }

    fn connect(options: &PgConnectOptions) -> BoxFuture<'_, Result<PgConnection, sqlx::Error>> {
        options.connect().boxed()
    }

    fn executor<'c>(connection: &'c mut PgConnection) -> impl Executor<'c, Database = Postgres> {
        connection
    }

    fn reset(connection: &mut PgConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> {
        // Reads what is still on its way first; without a transaction it is only a warning.
        connection.execute("ROLLBACK").map(|done| done.map(drop)).boxed()
    }

    fn migrate<'a>(
        connection: &'a mut PgConnection,
        migrator: &'a Migrator,
    ) -> BoxFuture<'a, Result<(), MigrateError>> {
        // `run` asks for an `Acquire` that is not general enough for a borrowed connection.
        migrator.run_direct(None, connection, false).boxed()
    }
}

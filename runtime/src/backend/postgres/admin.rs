//! The connection that cancels and terminates the sessions of a server.

use futures_util::future::FutureExt;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, Executor, Postgres};

use super::cancel_token::CancelToken;
use crate::backend::admin_conn::{AdminConn, TakenConn};
use crate::backend::driver::Cancel;
use crate::backend::open;
use crate::credentials::CredentialsSource;

/// Connects as the login itself, whose sessions it may see and cancel, whatever role it sets.
pub(super) fn admin_conn(
    options: PgConnectOptions,
    credentials: Option<CredentialsSource>,
) -> AdminConn<Postgres> {
    AdminConn::new(move || {
        let (options, credentials) = (options.clone(), credentials.clone());
        async move {
            let mut connection = open::open(&options, credentials.as_ref()).await?;
            connection.execute("SET ROLE NONE").await?;
            Ok(connection)
        }
        .boxed()
    })
}

/// Credentials may name another login for each connection.
const HIDDEN: &str = "the session of another login is not to be seen; grant the logins pg_read_all_stats and \
                      pg_signal_backend, or make each a member of the others";

/// Makes ready to cancel the statement of a session: `pooled` says that to cancel takes a session of a pooler.
pub(super) async fn prepare_cancel<'a>(
    admin: &'a AdminConn<Postgres>,
    token: &CancelToken,
    pooled: bool,
) -> Result<Cancel<'a>, sqlx::Error> {
    let mut sql = token.call("pg_cancel_backend");
    let mut taken = admin.take().await?;
    if pooled {
        // Once this is answered, the rest waits for nobody.
        taken.connection().execute("BEGIN; SET LOCAL ROLE NONE").await?;
        sql.push_str("; COMMIT");
    }
    Ok(async move { was_called(admin, &ask(taken, sql).await?) }.boxed())
}

/// Ends a session. Returns `false` if it is gone, or not to be seen.
pub(super) async fn terminate(
    admin: &AdminConn<Postgres>,
    token: &CancelToken,
) -> Result<bool, sqlx::Error> {
    was_called(admin, &ask(admin.take().await?, token.call("pg_terminate_backend")).await?)
}

/// Reads the answer to the call of a function on a session.
fn was_called(admin: &AdminConn<Postgres>, row: &Option<PgRow>) -> Result<bool, sqlx::Error> {
    let Some(row) = row else { return Ok(false) };
    let is_hidden = CancelToken::is_hidden(row)?;
    if is_hidden {
        admin.warn_once(&HIDDEN);
    }
    Ok(!is_hidden)
}

/// Returns `true` if a session is there.
pub(super) async fn look(
    admin: &AdminConn<Postgres>,
    token: &CancelToken,
) -> Result<bool, sqlx::Error> {
    Ok(ask(admin.take().await?, token.look()).await?.is_some())
}

async fn ask(admin: TakenConn<'_, Postgres>, sql: String) -> Result<Option<PgRow>, sqlx::Error> {
    admin
        .ask(|connection| sqlx::raw_sql(AssertSqlSafe(sql)).fetch_optional(connection).boxed())
        .await
}

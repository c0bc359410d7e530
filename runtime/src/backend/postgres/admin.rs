//! The connection that cancels and terminates the sessions of a server.

use futures_util::future::FutureExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Executor, Postgres};

use crate::backend::admin_conn::AdminConn;
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

/// Sends a statement. Returns `true` if it returned a row.
pub(super) async fn ask(admin: &AdminConn<Postgres>, sql: String) -> Result<bool, sqlx::Error> {
    admin
        .ask(|connection| {
            async move {
                let answer = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_optional(connection).await;
                answer.map(|row| row.is_some())
            }
            .boxed()
        })
        .await
}

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::sync::Mutex;

use crate::credentials::CredentialsSource;

/// The connection that cancels and terminates others: one per pool, made when the first asks and
/// closed when the last was answered.
pub(super) struct AdminConn {
    options: PgConnectOptions,
    credentials: Option<CredentialsSource>,
    /// Taken out while it is busy: if its future is dropped, nobody else reads its answer.
    connection: Mutex<Option<PgConnection>>,
    requests: AtomicUsize,
    warned: AtomicBool,
}

impl AdminConn {
    pub(super) fn new(options: PgConnectOptions, credentials: Option<CredentialsSource>) -> Self {
        AdminConn {
            options,
            credentials,
            connection: Mutex::default(),
            requests: AtomicUsize::new(0),
            warned: AtomicBool::new(false),
        }
    }

    /// Connects as the login itself, whose sessions it may see and cancel, whatever role it sets.
    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let mut connection = super::open::open(&self.options, self.credentials.as_ref()).await?;
        connection.execute("SET ROLE NONE").await?;
        Ok(connection)
    }

    /// Reports that statements cannot be cancelled.
    pub(super) fn warn_once(&self, reason: &dyn Display) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(%reason, "statements cannot be cancelled on the server, closing their connections");
        }
    }

    /// Sends a statement. Returns `true` if it returned a row.
    pub(super) async fn ask(&self, sql: String) -> Result<bool, sqlx::Error> {
        let _request = Request::begin(&self.requests);
        let mut idle = self.connection.lock().await;
        let mut connection = match idle.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let answer = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_optional(&mut connection).await;
        if let Err(sqlx::Error::Database(error)) = &answer {
            self.warn_once(error);
        }
        let answer = answer?;
        if self.requests.load(Ordering::Acquire) > 1 {
            *idle = Some(connection);
        } else {
            connection.close().await?;
        }
        Ok(answer.is_some())
    }
}

/// A request that is counted until it is dropped.
struct Request<'a>(&'a AtomicUsize);

impl<'a> Request<'a> {
    fn begin(requests: &'a AtomicUsize) -> Self {
        requests.fetch_add(1, Ordering::AcqRel);
        Request(requests)
    }
}

impl Drop for Request<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

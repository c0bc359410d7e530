use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::Mutex;

/// The connection that cancels and terminates others: one per pool, made when the first asks and
/// closed when the last was answered.
pub(super) struct AdminConn {
    options: PgConnectOptions,
    /// Taken out while it is busy: if its future is dropped, nobody else reads its answer.
    connection: Mutex<Option<PgConnection>>,
    requests: AtomicUsize,
}

impl AdminConn {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        AdminConn { options, connection: Mutex::default(), requests: AtomicUsize::new(0) }
    }

    /// Sends a statement. Returns `true` if it returned a row.
    pub(super) async fn ask(&self, sql: String) -> Result<bool, sqlx::Error> {
        let _request = Request::begin(&self.requests);
        let mut idle = self.connection.lock().await;
        let mut connection = match idle.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let answer = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_optional(&mut connection).await?;
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

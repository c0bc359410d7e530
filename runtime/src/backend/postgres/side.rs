use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::Mutex;

use crate::counting::Counting;

/// The connection that cancels and terminates others: one per pool, made when the first asks and
/// closed when the last was answered.
pub(super) struct Side {
    options: PgConnectOptions,
    connection: Mutex<Option<PgConnection>>,
    wanted: AtomicUsize,
}

impl Side {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Side { options, connection: Mutex::default(), wanted: AtomicUsize::new(0) }
    }

    /// Whether the statement returned a row.
    pub(super) async fn ask(&self, sql: String) -> Result<bool, sqlx::Error> {
        let _wanted = Counting::among(&self.wanted);
        let mut place = self.connection.lock().await;
        // Out of its place while it is busy: dropped on the way, nobody else reads its answer.
        let mut connection = match place.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let answer = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_optional(&mut connection).await?;
        if self.wanted.load(Ordering::Acquire) > 1 {
            *place = Some(connection);
        } else {
            connection.close().await?;
        }
        Ok(answer.is_some())
    }
}

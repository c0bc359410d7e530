use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use sqlx::{Connection, Database};
use tokio::sync::Mutex;

type Connect<C> = dyn Fn() -> BoxFuture<'static, Result<C, sqlx::Error>> + Send + Sync;

/// The connection that cancels and terminates others: one per server of a handle, made when the first asks and
/// closed when the last was answered.
pub(super) struct AdminConn<DB: Database> {
    connect: Box<Connect<DB::Connection>>,
    /// Taken out while it is busy: if its future is dropped, nobody else reads its answer.
    connection: Mutex<Option<DB::Connection>>,
    requests: AtomicUsize,
    warned: AtomicBool,
}

impl<DB: Database> AdminConn<DB> {
    pub(super) fn new(
        connect: impl Fn() -> BoxFuture<'static, Result<DB::Connection, sqlx::Error>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        AdminConn {
            connect: Box::new(connect),
            connection: Mutex::default(),
            requests: AtomicUsize::new(0),
            warned: AtomicBool::new(false),
        }
    }

    /// Reports that statements cannot be cancelled.
    pub(super) fn warn_once(&self, reason: &dyn Display) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(%reason, "statements cannot be cancelled on the server, closing their connections");
        }
    }

    /// Sends a request, and returns its answer.
    pub(super) async fn ask<T>(
        &self,
        request: impl for<'c> FnOnce(&'c mut DB::Connection) -> BoxFuture<'c, Result<T, sqlx::Error>>
        + Send,
    ) -> Result<T, sqlx::Error> {
        let _request = CountedRequest::begin(self);
        let mut idle = self.connection.lock().await;
        let mut connection = match idle.take() {
            Some(connection) => connection,
            None => (self.connect)().await?,
        };
        let answer = request(&mut connection).await;
        if let Err(sqlx::Error::Database(error)) = &answer {
            self.warn_once(error);
        }
        let answer = answer?;
        if self.requests.load(Ordering::Acquire) > 1 {
            *idle = Some(connection);
        } else {
            // It has answered.
            let _ = connection.close().await;
        }
        Ok(answer)
    }
}

/// A request that is counted until it is dropped. The last one leaves no connection.
struct CountedRequest<'a, DB: Database>(&'a AdminConn<DB>);

impl<'a, DB: Database> CountedRequest<'a, DB> {
    fn begin(admin: &'a AdminConn<DB>) -> Self {
        admin.requests.fetch_add(1, Ordering::AcqRel);
        CountedRequest(admin)
    }
}

impl<DB: Database> Drop for CountedRequest<'_, DB> {
    fn drop(&mut self) {
        let last = self.0.requests.fetch_sub(1, Ordering::AcqRel) == 1;
        // One that has begun meanwhile has the lock, and is the last then.
        if last && let Ok(mut idle) = self.0.connection.try_lock() {
            *idle = None;
        }
    }
}

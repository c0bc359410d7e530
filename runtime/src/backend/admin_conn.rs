use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use sqlx::{Connection, Database};
use tokio::sync::{Mutex, MutexGuard};

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

    /// Waits until nobody else uses the connection, and makes it if there is none.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is asked.
    pub(super) async fn take(&self) -> Result<TakenConn<'_, DB>, sqlx::Error> {
        let request = CountedRequest::begin(self);
        let mut idle = self.connection.lock().await;
        let connection = match idle.take() {
            Some(connection) => connection,
            None => (self.connect)().await?,
        };
        Ok(TakenConn { idle, connection, request })
    }
}

/// The connection, for one request.
pub(super) struct TakenConn<'a, DB: Database> {
    // Dropped before the request: the last one finds it unlocked.
    idle: MutexGuard<'a, Option<DB::Connection>>,
    connection: DB::Connection,
    request: CountedRequest<'a, DB>,
}

impl<DB: Database> TakenConn<'_, DB> {
    #[cfg(feature = "postgres")]
    pub(super) fn connection(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }

    /// Sends the request, and returns its answer.
    pub(super) async fn ask<T>(
        self,
        request: impl for<'c> FnOnce(&'c mut DB::Connection) -> BoxFuture<'c, Result<T, sqlx::Error>>
        + Send,
    ) -> Result<T, sqlx::Error> {
        // Dropped in the reverse order.
        let TakenConn { request: counted, mut connection, mut idle } = self;
        let admin = counted.0;
        let answer = request(&mut connection).await;
        if let Err(sqlx::Error::Database(error)) = &answer {
            admin.warn_once(error);
        }
        let answer = answer?;
        if admin.requests.load(Ordering::Acquire) > 1 {
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

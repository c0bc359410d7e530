use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::Connection;

use self::permit::{Permit, Reasons};
use crate::pool::Pool;
use crate::pool::session_watch::SessionWatch;
use crate::telemetry::GaugeGuard;
use crate::{Backend, Error};

#[cfg(feature = "postgres")]
pub(crate) mod listener;
pub(crate) mod permit;

/// A connection outside of the lease pool, for what lives long, such as session locks. Notifications have
/// [`Db::listen`](crate::Db::listen).
///
/// It derefs to the `sqlx` connection. It has no time limits but those of the server. If it is dropped,
/// its session ends, and with it the statement under way. On a server, another connection ends them.
#[must_use = "its session ends when it is dropped"]
pub struct Dedicated<DB: Backend> {
    raw: DB::Connection,
    watch: SessionWatch<DB>,
    permit: Permit,
    _counted: GaugeGuard,
}

impl<DB: Backend> Dedicated<DB> {
    /// Opens one of the connections that `reasons` counts.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub(crate) async fn open(
        pool: &Arc<Pool<DB>>,
        reasons: &Reasons,
        reason: &'static str,
    ) -> Result<Self, Error> {
        let (permit, session) = reasons.permit(pool, reason).await?;
        let counted = pool.count_dedicated();
        let (raw, mut watch) = pool.in_connect_timeout(pool.connect_watched(session)).await?;
        watch.end_on_drop(true);
        Ok(Dedicated { raw, watch, permit, _counted: counted })
    }

    /// Runs a body on the connection, for as long as its session is there. A statement on a peer that has
    /// vanished without a word would never return; every `keepalive`, or every 30 s without one, this
    /// asks for the session beside the connection.
    ///
    /// # Errors
    ///
    /// [`Error::SessionLost`] if the session is gone, or nobody answers within `connect_timeout`.
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// That of the body. Afterwards a statement may still be under way on the connection.
    pub async fn run<T>(
        &mut self,
        body: impl AsyncFnOnce(&mut DB::Connection) -> T,
    ) -> Result<T, Error> {
        self.watch.guard(body(&mut self.raw)).await
    }

    /// Ends the session politely. A statement that is under way on it goes on to its end: to stop it, drop this.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if the connection is broken; it is gone nevertheless.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the session ends as if this were not called.
    pub async fn close(self) -> Result<(), Error> {
        let Dedicated { raw, mut watch, permit, .. } = self;
        let closed = raw.close().await;
        watch.end_on_drop(closed.is_err());
        drop(permit);
        Ok(closed?)
    }
}

impl<DB: Backend> Deref for Dedicated<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.raw
    }
}

impl<DB: Backend> DerefMut for Dedicated<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.raw
    }
}

impl<DB: Backend> fmt::Debug for Dedicated<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedicated").field("reason", &self.permit.reason).finish_non_exhaustive()
    }
}

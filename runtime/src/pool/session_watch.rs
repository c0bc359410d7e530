use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use tokio::time::{sleep, timeout};

use super::Pool;
use super::slot::SessionPermit;
use crate::{Backend, Error};

/// Looks from outside after a session without the limits of a lease. A peer that has vanished without a word
/// would be waited for without an end.
pub(crate) struct SessionWatch<DB: Backend> {
    pool: Arc<Pool<DB>>,
    token: Option<DB::CancelToken>,
    permit: Option<SessionPermit>,
    ends_session: bool,
}

impl<DB: Backend> SessionWatch<DB> {
    pub(super) fn new(
        pool: &Arc<Pool<DB>>,
        token: Option<DB::CancelToken>,
        permit: SessionPermit,
    ) -> Self {
        SessionWatch { pool: Arc::clone(pool), token, permit: Some(permit), ends_session: false }
    }

    /// Runs a future that uses the session, for as long as the session is there.
    pub(crate) async fn guard<T>(&self, used: impl Future<Output = T>) -> Result<T, Error> {
        match select(pin!(used), pin!(self.lost())).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right((error, _)) => Err(error),
        }
    }

    /// Ends the session, and what it does, if this is dropped.
    pub(crate) fn end_on_drop(&mut self, ends: bool) {
        self.ends_session = ends;
    }

    async fn lost(&self) -> Error {
        let settings = self.pool.settings();
        let Some(token) = &self.token else { return std::future::pending().await };
        loop {
            sleep(settings.watch_period()).await;
            let reason = match timeout(settings.connect_timeout, self.may_be_there(token)).await {
                Ok(true) => continue,
                Ok(false) => "the server has ended it",
                Err(_) => "nobody has answered within `connect_timeout`",
            };
            return Error::SessionLost { reason };
        }
    }

    /// Asks until somebody answers: whoever refuses a connection may take one the next time.
    async fn may_be_there(&self, token: &DB::CancelToken) -> bool {
        let mut failures = 0_u32;
        loop {
            match self.pool.is_alive(token).await {
                Ok(is_alive) => return is_alive,
                // With TLS, a peer that closes before it answers is an error of the protocol.
                Err(
                    error @ (sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_)),
                ) => {
                    tracing::debug!(%error, "nobody can be asked for a session");
                    sleep(self.pool.pause_after(failures)).await;
                    failures = failures.saturating_add(1);
                }
                // Somebody has answered: a server without room, or who gives out passwords.
                Err(_) => return true,
            }
        }
    }
}

impl<DB: Backend> Drop for SessionWatch<DB> {
    fn drop(&mut self) {
        let token = self.token.take().filter(|_| self.ends_session);
        if let (Some(token), Some(permit)) = (token, self.permit.take()) {
            self.pool.terminate(token, permit, None);
        }
    }
}

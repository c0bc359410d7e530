use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::{sleep, timeout};

use super::Pool;
use crate::{Backend, Error};

/// The time between two looks, if there is no `keepalive`.
const DEFAULT_PERIOD: Duration = Duration::from_secs(30);

/// Looks from outside after a session without the limits of a lease. A peer that has vanished without a word
/// would be waited for without an end.
pub(crate) struct SessionWatch<DB: Backend> {
    pool: Arc<Pool<DB>>,
    token: Option<DB::CancelToken>,
    ends_session: bool,
}

impl<DB: Backend> SessionWatch<DB> {
    pub(super) fn new(pool: &Arc<Pool<DB>>, token: Option<DB::CancelToken>) -> Self {
        SessionWatch { pool: Arc::clone(pool), token, ends_session: false }
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
            sleep(settings.keepalive.unwrap_or(DEFAULT_PERIOD)).await;
            let asked = timeout(settings.connect_timeout, self.pool.is_alive(token)).await;
            let reason = match asked {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) => "its session has ended".to_owned(),
                Ok(Err(error @ sqlx::Error::Io(_))) => error.to_string(),
                // Somebody has answered: a server without room, or who gives out passwords.
                Ok(Err(_)) => continue,
                Err(_) => "no answer within `connect_timeout`".to_owned(),
            };
            let reason = format!("the connection is lost: {reason}");
            let source = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, reason);
            return Error::Connect(sqlx::Error::Io(source));
        }
    }
}

impl<DB: Backend> Drop for SessionWatch<DB> {
    fn drop(&mut self) {
        if let Some(token) = self.token.take().filter(|_| self.ends_session) {
            self.pool.terminate(token, None, None);
        }
    }
}

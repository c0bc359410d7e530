use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::pool::Pool;
use crate::pool::slot::SessionPermit;
use crate::{Backend, Error};

/// The reasons of the dedicated connections that are open.
#[derive(Clone)]
pub(crate) struct Reasons {
    open: Arc<Mutex<Vec<&'static str>>>,
    /// A permit for each session, also for one whose connection was dropped and that has not ended yet.
    sessions: Arc<Semaphore>,
}

impl Reasons {
    /// Of at most so many connections.
    pub(crate) fn new(max: u32) -> Self {
        let sessions = Arc::new(Semaphore::new((max as usize).min(Semaphore::MAX_PERMITS)));
        Reasons { open: Arc::default(), sessions }
    }

    pub(crate) fn list(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one of `max_dedicated`, where a connection can be a session of its own. Waits for those that are ending.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken.
    pub(super) async fn permit<DB: Backend>(
        &self,
        pool: &Pool<DB>,
        reason: &'static str,
    ) -> Result<(Permit, SessionPermit), Error> {
        let permit = self.enter(pool, reason)?;
        let session = Arc::clone(&self.sessions).acquire_owned();
        match timeout(pool.settings().connect_timeout, session).await {
            Ok(session) => Ok((permit, session.map_err(|_| Error::Closed)?)),
            Err(_) => {
                let max = pool.settings().max_dedicated;
                let reason = format!("is {max}, and sessions that were dropped have not ended yet");
                Err(Error::setting("max_dedicated", reason))
            }
        }
    }

    fn enter<DB: Backend>(&self, pool: &Pool<DB>, reason: &'static str) -> Result<Permit, Error> {
        if pool.is_closed() {
            return Err(Error::Closed);
        }
        pool.mode().check_dedicated()?;
        let max = pool.settings().max_dedicated;
        if reason.trim().is_empty() {
            let reason = "needs a reason, because it is shown wherever these connections are listed; say what for";
            return Err(Error::setting("dedicated", reason));
        }
        let mut open = self.lock();
        if open.len() >= max as usize {
            let reasons: Vec<_> = open.iter().map(|reason| format!("{reason:?}")).collect();
            let reason = match max {
                0 => "is 0, so no connection can be dedicated: raise it".into(),
                _ => format!(
                    "is {max}, and so many are open, for {}: share one, or raise it",
                    reasons.join(", ")
                ),
            };
            return Err(Error::setting("max_dedicated", reason));
        }
        open.push(reason);
        Ok(Permit { reasons: self.clone(), reason })
    }
}

/// The right to one dedicated connection.
pub(super) struct Permit {
    reasons: Reasons,
    pub(super) reason: &'static str,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.reasons.lock();
        if let Some(own) = open.iter().position(|reason| *reason == self.reason) {
            open.swap_remove(own);
        }
    }
}

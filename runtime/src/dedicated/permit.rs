use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::pool::Pool;
use crate::{Backend, Error};

/// The reasons of the dedicated connections that are open.
#[derive(Clone, Default)]
pub(crate) struct Reasons(Arc<Mutex<Vec<&'static str>>>);

impl Reasons {
    pub(crate) fn list(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one of `max_dedicated`, where a connection can be a session of its own.
    pub(super) fn permit<DB: Backend>(
        &self,
        pool: &Pool<DB>,
        reason: &'static str,
    ) -> Result<Permit, Error> {
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
        if open.len() >= max {
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

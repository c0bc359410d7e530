use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::Connection;

use crate::telemetry::Counted;
use crate::{Backend, Db, Error};

/// A connection outside of the lease pool, for what lives long: `LISTEN`, session locks.
///
/// It derefs to the `sqlx` connection. It has no time limits but those of the server. Dropped, its
/// session ends.
pub struct Dedicated<DB: Backend> {
    raw: DB::Connection,
    place: Place,
    _counted: Counted,
}

/// The reasons for which dedicated connections are open.
pub(crate) type Reasons = Arc<Mutex<Vec<&'static str>>>;

/// One of `max_dedicated`.
struct Place {
    reasons: Reasons,
    reason: &'static str,
}

impl Place {
    fn take(reasons: &Reasons, most: usize, reason: &'static str) -> Result<Self, Error> {
        if reason.trim().is_empty() {
            let reason = "needs a reason, because it is shown wherever these connections are listed; say what for";
            return Err(Error::setting("dedicated", reason));
        }
        let mut taken = reasons.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.len() >= most {
            let open: Vec<_> = taken.iter().map(|reason| format!("{reason:?}")).collect();
            let reason = match most {
                0 => "is 0, so no connection can be dedicated: raise it".into(),
                _ => format!(
                    "is {most}, and so many are open, for {}: share one, or raise it",
                    open.join(", ")
                ),
            };
            return Err(Error::setting("max_dedicated", reason));
        }
        taken.push(reason);
        Ok(Place { reasons: Arc::clone(reasons), reason })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.reasons.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = taken.iter().position(|reason| *reason == self.reason) {
            taken.swap_remove(place);
        }
    }
}

impl<DB: Backend> Db<DB> {
    /// Makes a connection outside of the lease pool, but inside the budget of connections: at most
    /// [`max_dedicated`](crate::Builder::max_dedicated) at a time. `reason` says what for.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] where all of them are open or cannot work, and where `reason` is empty, [`Error::Connect`],
    /// [`Error::Closed`].
    ///
    /// # Panics
    ///
    /// Polled outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is left behind.
    pub async fn dedicated(&self, reason: &'static str) -> Result<Dedicated<DB>, Error> {
        let pool = &self.pool;
        if pool.is_closed() {
            return Err(Error::Closed);
        }
        pool.mode.check_dedicated()?;
        let place = Place::take(&pool.dedicated, pool.settings.max_dedicated, reason)?;
        let counted = Counted::new(pool.telemetry.meters().dedicated.clone());
        let raw = pool.in_connect_timeout(self.unlimited()).await?;
        Ok(Dedicated { raw, place, _counted: counted })
    }
}

impl<DB: Backend> Dedicated<DB> {
    /// Ends the session politely.
    ///
    /// # Errors
    ///
    /// Where the connection is broken; it is gone nevertheless.
    ///
    /// # Cancel safety
    ///
    /// Dropped, the connection is closed without a goodbye.
    pub async fn close(self) -> Result<(), Error> {
        let Dedicated { raw, place, .. } = self;
        let closed = raw.close().await;
        drop(place);
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
        f.debug_struct("Dedicated").field("reason", &self.place.reason).finish_non_exhaustive()
    }
}

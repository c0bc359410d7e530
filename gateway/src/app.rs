//! The state that all requests share.

use std::sync::Arc;

use axum::extract::FromRef;
use shortlease::{Db, Remote};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::database::Database;
use crate::lookups::Lookups;
use crate::readiness::Readiness;
use crate::secret::AdminToken;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::upstream::Upstreams;

/// The state that all requests share. Cloning it is cheap.
pub struct App<DB: Database> {
    /// The database.
    pub db: Db<DB>,
    parts: Arc<Parts>,
}

/// The parts that no database is needed for. What can be waited for is sealed, so no lease is open meanwhile.
pub struct Parts {
    /// The servers that have the tools.
    pub upstreams: Remote<Upstreams>,
    /// The state that all gateways share.
    pub shared: Remote<Shared>,
    /// The operator's token.
    pub admin: AdminToken,
    /// The lookups of tokens.
    pub lookups: Lookups,
    /// The settings.
    pub settings: Settings,
    /// Cancelled when the gateway stops.
    pub stop: CancellationToken,
    /// Calls under way, and the records of those that nobody waits for. A stop waits for them.
    pub records: TaskTracker,
    /// The last that the database said.
    pub readiness: Arc<Readiness>,
}

impl<DB: Database> App<DB> {
    /// Puts it together.
    #[must_use]
    pub fn new(db: Db<DB>, parts: Parts) -> Self {
        App { db, parts: Arc::new(parts) }
    }

    /// Returns `true` if requests are welcome. It waits for nothing.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.stop.is_cancelled() && self.readiness.database_answers()
    }
}

impl<DB: Database> Clone for App<DB> {
    fn clone(&self) -> Self {
        App { db: self.db.clone(), parts: Arc::clone(&self.parts) }
    }
}

impl<DB: Database> std::ops::Deref for App<DB> {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// So that `Session` is an extractor.
impl<DB: Database> FromRef<App<DB>> for Db<DB> {
    fn from_ref(app: &App<DB>) -> Self {
        app.db.clone()
    }
}

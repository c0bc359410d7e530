//! The record of a call.

use std::time::{Duration, Instant};

use shortlease::{Session, Tx, handler, leased};
use tokio::runtime::Handle;
use tokio_util::task::task_tracker::TaskTrackerToken;
use tracing::{info, warn};

use crate::app::App;
use crate::caller::Permitted;
use crate::database::Database;
use crate::error::Error;
use crate::ids::{new_id, now_ms};
use crate::metrics;
use crate::store::audit::{self, Entry};
use crate::store::calls::{self, Call};

/// A call under way. Dropped before it is recorded, it is recorded in the background, because the upstream may have acted.
pub(crate) struct UnderWay<'a, DB: Database> {
    app: &'a App<DB>,
    permitted: &'a Permitted,
    began: Instant,
    ended: Option<(Call, Duration)>,
    is_recorded: bool,
    /// A stop waits for the call to be dropped, and for the record that is made then.
    _records: TaskTrackerToken,
}

impl<'a, DB: Database> UnderWay<'a, DB> {
    pub(crate) fn new(app: &'a App<DB>, permitted: &'a Permitted, began: Instant) -> Self {
        let _records = app.records.token();
        UnderWay { app, permitted, began, ended: None, is_recorded: false, _records }
    }

    /// Notes that the record is committed.
    pub(crate) fn recorded(&mut self) {
        self.is_recorded = true;
    }

    /// Notes how the call ended, and returns its record.
    pub(crate) fn ended(&mut self, outcome: &str) -> Call {
        let took = self.began.elapsed();
        let call = record_of(self.permitted, outcome, took);
        self.ended = Some((call.clone(), took));
        call
    }
}

impl<DB: Database> Drop for UnderWay<'_, DB> {
    fn drop(&mut self) {
        if self.ended.is_none() {
            self.ended("client_gone");
        }
        let Some((call, took)) = self.ended.take() else { return };
        metrics::called(self.permitted.tool(), &call.outcome, took);
        info!(team = %call.team, tool = %call.tool, outcome = call.outcome, ?took, "call");
        if !self.is_recorded
            && let Ok(runtime) = Handle::try_current()
        {
            self.app.records.spawn_on(record_later(self.app.clone(), call), &runtime);
        }
    }
}

/// Records a call that nobody waits for, unless it is recorded.
async fn record_later<DB: Database>(app: App<DB>, call: Call) {
    let id = call.id.clone();
    if let Err(error) = record_alone(&mut app.db.session(), call).await {
        warn!(id, %error, "a call cannot be recorded");
    }
}

#[handler]
async fn record_alone<DB: Database>(db: &mut Session<DB>, call: Call) -> Result<(), Error> {
    db.transaction(async |tx| record(tx, call).await).await
}

fn record_of(permitted: &Permitted, outcome: &str, took: Duration) -> Call {
    let caller = permitted.caller();
    Call {
        id: new_id(),
        team: caller.team.to_string(),
        token: caller.token.to_string(),
        tool: permitted.tool().to_string(),
        outcome: outcome.to_owned(),
        took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        at: now_ms(),
    }
}

/// Both or neither.
#[leased]
pub(crate) async fn record<DB: Database>(tx: &mut Tx<DB>, call: Call) -> Result<(), sqlx::Error> {
    let entry = Entry::new(&call.team, &call.token, "call", &call.tool, &call.outcome);
    if calls::add(tx, call).await? {
        audit::add(tx, entry).await?;
    }
    Ok(())
}

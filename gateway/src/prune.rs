//! Removes what has been kept for long enough.

use std::time::Duration;

use shortlease::{Session, handler};
use tracing::{info, warn};

use crate::app::App;
use crate::database::Database;
use crate::ids::{first_id_at, now_ms};
use crate::store::old::{self, Old};

/// How often there is a look for old rows.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Rows that one transaction removes, so that each is short, however much there is to be removed.
const BATCH: i64 = 1000;

/// Prunes at the start and once an hour, until the gateway stops. One that keeps all calls and entries removes tokens only,
/// and begins after an hour.
///
/// # Cancel safety
///
/// Dropped, the batch under way is rolled back.
pub async fn prune_regularly<DB: Database>(app: App<DB>) {
    let keep_days = app.settings.keep_days;
    let mut pause = if keep_days == 0 { EVERY } else { Duration::ZERO };
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = EVERY,
            () = app.stop.cancelled() => return,
        }
        match prune(&mut app.db.session(), kept_from(keep_days, now_ms())).await {
            Ok(0) => {}
            Ok(rows) => info!(rows, "old calls, audit entries and tokens are removed"),
            Err(error) => {
                warn!(%error, "old calls, audit entries and tokens cannot be removed now")
            }
        }
    }
}

/// Returns the time from which calls and audit entries are kept, in milliseconds since 1970.
#[must_use]
pub fn kept_from(keep_days: u32, now: i64) -> i64 {
    match keep_days {
        0 => 0,
        days => now.saturating_sub(i64::from(days) * 24 * 60 * 60 * 1000),
    }
}

/// Removes calls and audit entries from before a time, in milliseconds since 1970, and tokens that have ended. Returns how
/// many rows were removed.
///
/// # Errors
///
/// [`shortlease::Error`]. The batches before it stay removed.
///
/// # Cancel safety
///
/// Dropped, the batch under way is rolled back.
#[handler]
pub async fn prune<DB: Database>(
    db: &mut Session<DB>,
    before: i64,
) -> Result<usize, shortlease::Error> {
    let first = first_id_at(before);
    let mut rows = 0;
    for all in [Old::Tokens(now_ms()), Old::Calls(first.clone()), Old::Audit(first)] {
        loop {
            let old = all.clone();
            let batch = db.transaction(async |tx| old::remove(tx, old, BATCH).await).await?;
            rows += batch;
            if batch == 0 {
                break;
            }
        }
    }
    Ok(rows)
}

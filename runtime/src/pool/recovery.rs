use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, select};
use sqlx::Connection;
use tokio::time::{Instant, timeout};

use super::Pool;
use super::guard::SlotGuard;
use super::slot::{Clean, Lifetime, LiveConn, RecoveryReason, SessionConn, SessionPermit, SlotId};
use crate::Backend;
use crate::backend::raw_conn::RawConn;
use crate::lease_state::LeaseState;

/// The time that a connection left in the middle of something has to come back, and then its session
/// to end.
pub(super) const RECOVERY: Duration = Duration::from_secs(5);

/// The time that a statement that was cancelled has to end.
const CANCEL_AGAIN: Duration = Duration::from_millis(500);

impl<DB: Backend> Pool<DB> {
    /// Brings a connection that was left in the middle of something back, in the background, or ends
    /// its session. It goes to the slot that waits for it, or to an empty one.
    pub(super) fn recover(
        self: &Arc<Self>,
        mut conn: LiveConn<DB>,
        lifetime: Lifetime,
        reason: RecoveryReason,
        slot: Option<SlotId>,
    ) {
        let token = conn.session.cancel_token.clone().filter(|_| reason.in_flight);
        let mut recovery = Recovery { pool: Arc::clone(self), running: token };
        let slot = slot.map(|slot| SlotGuard::new(self, slot));
        // Dropped with its runtime: the socket closes, and the server rolls back.
        self.spawn(async move {
            let pool = Arc::clone(&recovery.pool);
            match timeout(RECOVERY, pool.bring_back(&mut conn.session, reason)).await {
                Ok(Ok(())) => {
                    recovery.has_stopped();
                    pool.telemetry.meters().recoveries_kept.increment(1);
                    let now = Instant::now();
                    let connection = Clean::new(conn, lifetime, now);
                    return match slot {
                        Some(slot) => slot.put_back(Some(connection)),
                        None => pool.update(|state| state.insert_idle(connection, now)),
                    };
                }
                Ok(Err(error)) => tracing::debug!(%error, "connection not recovered, closing it"),
                Err(_) => tracing::debug!("connection not recovered within 5 s, closing it"),
            }
            pool.telemetry.meters().recoveries_closed.increment(1);
            let LiveConn { session: SessionConn { raw, cancel_token, .. }, permit } = conn;
            // A pooler lends the session to others once its client has left, and to terminate takes a session.
            let raw = (!pool.mode.changes_sessions()).then_some(raw);
            if let Some(token) = cancel_token.filter(|_| reason.in_flight) {
                let _ = timeout(RECOVERY, DB::terminate(&pool.connector, &token)).await;
            }
            // Only then are its session and its slot free.
            drop((raw, permit, slot));
        });
    }

    async fn bring_back(
        &self,
        conn: &mut SessionConn<DB>,
        reason: RecoveryReason,
    ) -> Result<(), sqlx::Error> {
        if reason.in_flight {
            // Part of a statement was never sent, and must not be now.
            if reason.torn || !conn.raw.is_away() && conn.raw.should_flush() {
                return Err(sqlx::Error::Io(ErrorKind::BrokenPipe.into()));
            }
            self.end_statement(conn, DB::PUSHES_ROWS && reason.rows_coming).await?;
        }
        let token = conn.cancel_token.as_ref();
        let RecoveryReason { unchecked_used, in_transaction, .. } = reason;
        self.mode.reset::<DB>(&mut conn.raw, token, unchecked_used, in_transaction).await?;
        if conn.prepared.read_only {
            DB::set_read_only(&mut conn.raw, false).await?;
            conn.prepared.read_only = false;
        }
        if self.mode.leaves_session_as_lent() && conn.prepared.search_path.is_some() {
            // Others would meet its statements and types.
            DB::forget_statements(&mut conn.raw).await?;
        }
        match self.mode.resets_sessions() {
            true => self.after_connect.run(&mut conn.raw).await,
            false => Ok(()),
        }
    }

    /// Has the statement that runs end: by itself if its answer is on its way, or cancelled.
    async fn end_statement(
        &self,
        conn: &mut SessionConn<DB>,
        rows_coming: bool,
    ) -> Result<(), sqlx::Error> {
        let SessionConn { raw, cancel_token, .. } = conn;
        let mut drain = raw.drain().boxed();
        // Without a token it waits for a session of the pooler: nothing runs that could be stopped.
        // PgBouncer does not notice that who waits has gone, so closing it would not shorten the queue.
        let Some(token) = cancel_token else { return drain.await };
        let within = self.mode.cancel_within();
        let prepare_cancel = || timeout(within, DB::prepare_cancel(&self.connector, token));
        let (mut cancel, mut drain) = match rows_coming {
            true => (prepare_cancel().await, drain),
            false => {
                if let Ok(drained) = timeout(self.mode.cancel_after(), &mut drain).await {
                    return drained;
                }
                // To cancel may wait for what only the end of the statement makes free.
                match select(drain, pin!(prepare_cancel())).await {
                    Either::Left((drained, _)) => return drained,
                    Either::Right(both) => both,
                }
            }
        };
        loop {
            let ready = cancel.map_err(|_| sqlx::Error::Io(ErrorKind::TimedOut.into()))?;
            if !ready?.await? {
                return Err(sqlx::Error::Io(ErrorKind::ConnectionAborted.into()));
            }
            if let Ok(drained) = timeout(CANCEL_AGAIN, &mut drain).await {
                return drained;
            }
            // PostgreSQL misses it while it compiles the statement (`jit`).
            cancel = prepare_cancel().await;
        }
    }

    /// Lets go of a clean connection: one that was lent goes back to its pool.
    pub(crate) fn evict(&self, conn: LiveConn<DB>) {
        let LiveConn { session, permit } = conn;
        match session.raw {
            RawConn::Pooled(pooled, _) if !self.mode.keeps_connections() => pooled.give_back(),
            raw => self
                .close_in_background(LiveConn { session: SessionConn { raw, ..session }, permit }),
        }
    }

    /// Closes a connection politely, in the background.
    pub(crate) fn close_in_background(&self, conn: LiveConn<DB>) {
        self.spawn(async move {
            let _ = timeout(RECOVERY, conn.session.raw.close()).await;
            drop(conn.permit);
        });
    }

    /// Closes the connection of a revoked lease, in the background.
    pub(super) fn close_revoked(&self, session: SessionConn<DB>, lease: Arc<LeaseState>) {
        self.spawn(async move {
            let _ = timeout(RECOVERY, session.raw.close()).await;
            lease.close();
        });
    }

    pub(super) async fn is_alive(&self, token: &DB::CancelToken) -> Result<bool, sqlx::Error> {
        DB::is_alive(&self.connector, token).await
    }

    /// Ends a session whose connection is out of reach, in the background.
    pub(super) fn terminate(
        self: &Arc<Self>,
        token: DB::CancelToken,
        permit: SessionPermit,
        lease: Option<Arc<LeaseState>>,
    ) {
        let pool = Arc::clone(self);
        self.spawn(async move {
            match timeout(RECOVERY, DB::terminate(&pool.connector, &token)).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a session may still be open"),
                Err(_) => tracing::warn!("a session may still be open: no answer in 5 s"),
            }
            if let Some(lease) = lease.filter(|_| DB::ENDS_WITH_CONNECTION) {
                // Whoever has it may have been forgotten.
                let _ = timeout(RECOVERY, lease.closed()).await;
            }
            drop(permit);
        });
    }
}

/// A recovery under way. It counts from the drop of its lease, even if no runtime ever gets to it.
struct Recovery<DB: Backend> {
    pool: Arc<Pool<DB>>,
    /// Stopped if the recovery does not come to its end, because its runtime ends first.
    running: Option<DB::CancelToken>,
}

impl<DB: Backend> Recovery<DB> {
    fn has_stopped(&mut self) {
        self.running = None;
    }
}

impl<DB: Backend> Drop for Recovery<DB> {
    fn drop(&mut self) {
        self.running.iter().for_each(DB::abandon);
        self.pool.update(|state| state.recovery_ended());
    }
}

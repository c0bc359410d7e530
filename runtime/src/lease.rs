use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
#[cfg(feature = "test")]
use sqlx::migrate::Migrator;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use crate::error::{Error, WaitPhase};
#[cfg(feature = "test")]
use crate::log::Landing;
use crate::log::Log;
use crate::pool::queue::Tenant;
use crate::pool::slot::{Clean, Disposition, LeaseId, LiveConn, ResetReason};
use crate::pool::{OpenLease, Pool};
use crate::site::CallSite;
use crate::telemetry::SiteMeters;
use crate::{Backend, Conn};

/// Who wants a lease, where, and of what kind.
pub(crate) struct Wanted<'s, DB: Backend> {
    pub(crate) pool: &'s Arc<Pool<DB>>,
    pub(crate) tenant: &'s Tenant,
    pub(crate) site: CallSite,
    /// Whether the lease is a transaction.
    pub(crate) transaction: bool,
}

/// A connection out of the pool; dropping it, at any time, gives the slot back at once.
pub(crate) struct Lease<DB: Backend> {
    pool: Arc<Pool<DB>>,
    id: LeaseId,
    /// Since when it was wanted.
    since: Instant,
    retire_at: Instant,
    meters: Arc<SiteMeters>,
    log: Arc<Log>,
    pub(crate) span: Span,
    pub(crate) transaction: bool,
    /// Gone while the body has it, and while the lease is being dropped.
    conn: Option<Conn<DB>>,
}

impl<DB: Backend> Lease<DB> {
    /// # Cancel safety
    ///
    /// Safe: a place in the queue is given up, a connect that has begun goes on and its connection
    /// is pooled.
    pub(crate) async fn open(wanted: Wanted<'_, DB>) -> Result<Self, Error> {
        let Wanted { pool, tenant, site, transaction } = wanted;
        let since = Instant::now();
        let meters = pool.telemetry.site(site);
        let got = pool.checkout(since, tenant, transaction).await;
        let now = Instant::now();
        let waited = now - since;
        if let Err(Error::Busy(busy)) = &got {
            pool.telemetry.timed_out(&meters, site, busy);
        } else if waited > pool.settings.acquire_timeout / 4 {
            pool.telemetry.pressure(site, waited, pool.used(), pool.waiting());
        }
        let (slot, connection) = got?;
        meters.waited(waited);
        let Clean { conn: LiveConn { raw, cancel_token, permit }, retire_at, .. } = connection;
        let mode = pool.mode.clone();
        let cancel_token = cancel_token.filter(|_| !mode.changes_sessions());
        let timeout = pool.settings.statement_timeout();
        let rollbacks = cancel_token.as_ref().and_then(DB::rollbacks).cloned();
        let log = Arc::new(Log::open(site, tenant.clone(), now, timeout, rollbacks));
        let (state, token) = (Arc::clone(&log), cancel_token.clone());
        let open = OpenLease { state, cancel_token: token, permit };
        let id = match slot.open_lease(tenant.clone(), now, open) {
            Ok(id) => id,
            Err(OpenLease { permit, .. }) => {
                pool.evict(LiveConn { raw, cancel_token, permit });
                return Err(Error::Closed);
            }
        };
        let conn = Conn { raw, peer: cancel_token, log: Arc::clone(&log), mode, depth: 0 };
        let span = tracing::debug_span!("lease", %site);
        let pool = Arc::clone(pool);
        Ok(Lease { pool, id, since, retire_at, meters, log, span, transaction, conn: Some(conn) })
    }

    /// Runs the pending migrations.
    #[cfg(feature = "test")]
    pub(crate) async fn migrate(mut self, migrator: &Migrator) -> Result<(), Error> {
        let Conn { raw, log, mode, depth, .. } = self.conn();
        let raw: &mut DB::Connection = raw;
        log.depart();
        let migrated = DB::migrate(&mut *raw, migrator).await;
        let ended = mode.end_unchecked::<DB>(*depth, raw).await;
        log.land(ended.as_ref().err().and_then(Landing::of::<DB>));
        migrated?;
        Ok(ended?)
    }

    fn conn(&mut self) -> &mut Conn<DB> {
        self.conn.as_mut().expect("the connection is here before its body and after it")
    }

    /// The connection, for the body.
    pub(crate) fn give(&mut self) -> Option<Conn<DB>> {
        self.conn.take()
    }

    /// The connection, back from the body.
    pub(crate) fn take_back(&mut self, conn: Option<Conn<DB>>) {
        self.conn = conn;
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.log.since + self.pool.settings.max_lease
    }

    /// Begins the transaction, if it is one, by `max_lease`.
    pub(crate) async fn begin(mut self) -> Result<Self, Error> {
        if !self.transaction {
            return Ok(self);
        }
        let (deadline, span) = (self.deadline(), self.span.clone());
        match timeout_at(deadline, self.begun()).instrument(span).await {
            Ok(Ok(())) => Ok(self),
            Ok(Err(error)) => Err(self.cut().unwrap_or(error)),
            Err(_) => Err(self.overran()),
        }
    }

    async fn begun(&mut self) -> Result<(), Error> {
        let (mode, tenant) = (&self.pool.mode, self.log.tenant.as_deref());
        let Some(begin) = mode.begin::<DB>(&self.pool.connector, tenant)? else {
            self.conn().enter_transaction();
            return Ok(());
        };
        let begun = if mode.changes_sessions() {
            // Until it is answered, the lease waits for a session as others wait for a connection.
            let deadline = self.since + self.pool.settings.acquire_timeout;
            let answered = timeout_at(deadline, self.conn().begin_transaction(begin)).await;
            answered.map_err(|_| self.kept_waiting())??
        } else {
            self.conn().begin_transaction(begin).await?
        };
        if begun {
            let peer = self.conn().peer.clone();
            self.pool.set_cancel_token(self.id, peer);
        }
        Ok(())
    }

    fn kept_waiting(&self) -> Error {
        let busy = self.pool.busy(WaitPhase::Pooler, self.since, Some(&self.log));
        self.pool.telemetry.timed_out(&self.meters, self.log.site, &busy);
        Error::Busy(busy)
    }

    /// Commits the transaction, or rolls it back, by `max_lease`, and ends the lease.
    pub(crate) fn end(mut self, succeeded: bool) -> BoxFuture<'static, Result<(), Error>> {
        async move {
            let (deadline, span) = (self.deadline(), self.span.clone());
            match timeout_at(deadline, self.conn().end_transaction(succeeded))
                .instrument(span)
                .await
            {
                Ok(Ok(())) if succeeded => Ok(()),
                Ok(Ok(())) => self.cut().map_or(Ok(()), Err),
                Ok(Err(error)) if self.log.committing() => Err(error),
                Ok(Err(error)) => Err(self.cut().unwrap_or(error)),
                Err(_) => Err(self.overran()),
            }
        }
        .boxed()
    }

    /// Why it failed, where that was not of its own doing.
    pub(crate) fn cut(&self) -> Option<Error> {
        self.log.note_cut();
        match (self.log.revoked(), self.log.cut()) {
            (Some(reason), _) => Some(Error::LeaseRevoked { site: self.log.site, reason }),
            (_, Some(setting)) => Some(self.expired(setting)),
            _ => None,
        }
    }

    /// What became of it at `max_lease`.
    pub(crate) fn overran(&self) -> Error {
        let site = self.log.site;
        if self.log.committing() {
            let reason = "`max_lease` ran out during COMMIT";
            let source = std::io::Error::new(std::io::ErrorKind::TimedOut, reason);
            return Error::CommitUnknown { site, source: sqlx::Error::Io(source) };
        }
        self.cut().unwrap_or_else(|| self.expired("max_lease"))
    }

    fn expired(&self, setting: &'static str) -> Error {
        let (site, held, busy) = (self.log.site, self.log.since.elapsed(), self.log.busy());
        self.meters.expired.increment(1);
        tracing::warn!(%site, ?held, ?busy, setting, "lease_overrun");
        Error::LeaseExpired { site, held, setting }
    }
}

impl<DB: Backend> Drop for Lease<DB> {
    fn drop(&mut self) {
        let Some(Conn { raw, peer, log, depth, .. }) = self.conn.take() else { return };
        let in_flight = log.in_flight();
        let disposition = if log.broken() {
            Disposition::Broken
        } else if in_flight || depth > 0 || log.touched() {
            let open = in_flight || depth > 0;
            let unchecked_used = log.touched() && self.pool.mode.reaches_unchecked(open);
            Disposition::NeedsReset(ResetReason { in_flight, unchecked_used })
        } else {
            Disposition::Clean
        };
        if self.pool.check_in(self.id, raw, peer, self.retire_at, disposition) {
            self.meters.ended(&log);
        }
    }
}

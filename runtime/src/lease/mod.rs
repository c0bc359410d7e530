use std::mem;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
#[cfg(feature = "test")]
use sqlx::migrate::Migrator;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use self::request::LeaseRequest;
use crate::backend::driver::{Begin, TxStart};
use crate::error::{Busy, Error, ForeignTransaction, NotRead, WaitPhase};
#[cfg(feature = "test")]
use crate::lease_state::Failure;
use crate::lease_state::LeaseState;
use crate::lease_state::poll_watch::PollWatch;
use crate::pool::slot::{
    Clean, Disposition, LeaseId, Lifetime, LiveConn, Prepared, RecoveryReason, SessionConn,
};
use crate::pool::{OpenLease, Pool};
use crate::telemetry::SiteMeters;
use crate::{Backend, Conn};

pub(crate) mod handoff;
pub(crate) mod pending;
pub(crate) mod request;
mod retry;
pub(crate) mod run;
#[cfg(feature = "rmcp")]
pub(crate) mod uncut;

/// A connection out of the pool. Dropping it, at any time, gives the slot back at once.
pub(crate) struct Lease<DB: Backend> {
    pool: Arc<Pool<DB>>,
    id: LeaseId,
    /// Until when it may wait for its connection.
    acquire_until: Instant,
    requested_at: Instant,
    /// When `max_lease` ends it.
    deadline: Instant,
    lifetime: Lifetime,
    meters: Arc<SiteMeters>,
    state: Arc<LeaseState>,
    polls: Arc<PollWatch>,
    span: Span,
    transaction: bool,
    /// The state that its session is in.
    prepared: Prepared,
    /// The state that its session has to be in.
    needs: Prepared,
    /// `None` while the body has it, and while the lease is being dropped.
    conn: Option<Conn<DB>>,
}

/// The end of a transaction.
struct TransactionEnd {
    outcome: Result<(), Error>,
    /// A statement of it failed because of another transaction, and its body may run again.
    conflicted: bool,
}

/// Returns `true` for the error of a transaction of which a part may have taken effect.
fn may_be_done(error: &Error) -> bool {
    matches!(error, Error::CommitUnknown { .. } | Error::TransactionEnded { .. })
}

impl<DB: Backend> Lease<DB> {
    /// Waits for a connection, and begins the transaction if the lease is one.
    ///
    /// # Cancel safety
    ///
    /// Safe: a place in the queue is given up, and a slot that was taken is free again at once.
    // Boxed here, and not where it is awaited: that is generic over the body.
    pub(crate) fn open(
        request: LeaseRequest<'_, DB>,
        polls: Arc<PollWatch>,
    ) -> BoxFuture<'_, Result<Self, Error>> {
        async move {
            let requested_at = Instant::now();
            loop {
                let mut lease = Self::check_out(request, requested_at, Arc::clone(&polls)).await?;
                let start = request.start();
                let begun = match start.is_none() && lease.prepared == lease.needs {
                    true => Ok(()),
                    // Boxed, so that leases which are no transactions have a small future to move.
                    false => lease.begin(start).boxed().await,
                };
                match begun {
                    Ok(()) => {
                        let waited = lease.state.since - requested_at;
                        request.pool.record_wait(request.site, &lease.meters, waited);
                        request.pool.record_own_transaction();
                        return Ok(lease);
                    }
                    // Its connection is closed.
                    Err(Error::Database(error)) if ForeignTransaction::is(&error) => {
                        request.pool.pass_over_foreign()?;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        .boxed()
    }

    /// Waits for a connection, on which no transaction is begun yet.
    pub(crate) async fn check_out(
        request: LeaseRequest<'_, DB>,
        requested_at: Instant,
        polls: Arc<PollWatch>,
    ) -> Result<Self, Error> {
        let LeaseRequest { pool, scope, site, .. } = request;
        let acquire_until = requested_at + scope.acquire_timeout(pool.settings());
        let meters = pool.site_meters(site);
        let checked_out = pool
            .checkout(
                requested_at,
                acquire_until,
                &scope.tenant,
                request.writes(),
                request.has_begun(),
            )
            .await;
        let now = Instant::now();
        let (slot, connection) =
            checked_out.inspect_err(|error| pool.record_refusal(site, &meters, error))?;
        request.mark_begun();
        let Clean { conn: LiveConn { session, permit }, lifetime, .. } = connection;
        let SessionConn { raw, cancel_token, prepared } = session;
        let mode = pool.mode().clone();
        let cancel_token = cancel_token.filter(|_| !mode.changes_sessions());
        let timeout = pool.settings().statement_timeout();
        let rollbacks = cancel_token.as_ref().and_then(DB::rollbacks).cloned();
        let tenant = &scope.tenant;
        let whole = request.transaction.is_some();
        let state = LeaseState::open(site, tenant.clone(), now, timeout, rollbacks, whole);
        let state = Arc::new(state);
        let open = OpenLease {
            state: Arc::clone(&state),
            polls: Arc::clone(&polls),
            runtime: Handle::current().id(),
            cancel_token: cancel_token.clone(),
            permit,
        };
        let id = match slot.open_lease(tenant.clone(), now, open) {
            Ok(id) => id,
            // The pool was closed meanwhile.
            Err(OpenLease { permit, .. }) => {
                let session = SessionConn { raw, cancel_token, prepared };
                pool.evict(LiveConn { session, permit });
                return Err(Error::Closed);
            }
        };
        let transaction = request.options();
        let read_only =
            transaction.is_some_and(|options| options.read_only) || scope.is_read_only();
        let by_user = cancel_token.as_ref().is_some_and(DB::is_read_only);
        let needs = Prepared {
            search_path: scope.search_path(),
            read_only: DB::READ_ONLY_BY_SESSION && read_only && !by_user,
        };
        let lease = Arc::clone(&state);
        let conn = Conn { raw, cancel_token, lease, mode, depth: 0, read_only };
        Ok(Lease {
            pool: Arc::clone(pool),
            id,
            acquire_until,
            requested_at,
            deadline: now + scope.max_lease(pool.settings()),
            lifetime,
            meters,
            state,
            polls,
            span: tracing::debug_span!("lease", %site),
            transaction: transaction.is_some(),
            prepared,
            needs,
            conn: Some(conn),
        })
    }

    /// Runs the pending migrations.
    #[cfg(feature = "test")]
    pub(crate) async fn migrate(mut self, migrator: &Migrator) -> Result<(), Error> {
        self.begin(None).await?;
        let pool = Arc::clone(&self.pool);
        let Conn { raw, lease, mode, depth, .. } = self.conn();
        let raw: &mut DB::Connection = raw;
        lease.start_statement();
        let migrated = pool.run_migrations(&mut *raw, migrator).await;
        let ended = mode.end_unchecked::<DB>(*depth, raw).await;
        lease.finish_statement(ended.as_ref().err().and_then(Failure::of::<DB>));
        migrated?;
        Ok(ended?)
    }

    fn conn(&mut self) -> &mut Conn<DB> {
        self.conn.as_mut().expect("the connection is here before its body and after it")
    }

    /// Gives the connection to the body.
    fn give(&mut self) -> Option<Conn<DB>> {
        self.conn.take()
    }

    /// Takes the connection back from the body. A body that polls another lease by hand can swap the connections of the
    /// two: neither is used again.
    fn take_back(&mut self, conn: Option<Conn<DB>>) {
        if let Some(conn) = conn.as_ref().filter(|conn| !Arc::ptr_eq(&conn.lease, &self.state)) {
            conn.lease.break_connection();
            self.state.break_connection();
        }
        self.conn = conn;
    }

    /// Makes the connection fit for the lease and begins the transaction, if the lease is one, by
    /// `max_lease`.
    async fn begin(&mut self, start: Option<TxStart<'_>>) -> Result<(), Error> {
        let (deadline, span) = (self.deadline, self.span.clone());
        match timeout_at(deadline, self.prepare(start)).instrument(span).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                let error = self.pool.busy_if_locked(error, &self.state, self.requested_at);
                Err(self.ended_by().unwrap_or(error))
            }
            Err(_) => Err(self.ended_by().unwrap_or_else(|| match self.begin_waits_for(start) {
                // Nothing was done.
                Some(phase) => self.waited_in_vain(phase, "max_lease"),
                None => self.expired("max_lease"),
            })),
        }
    }

    /// Returns what keeps the beginning of a lease waiting, if others have it.
    fn begin_waits_for(&self, start: Option<TxStart<'_>>) -> Option<WaitPhase> {
        if self.pool.mode().changes_sessions() {
            return Some(WaitPhase::Pooler);
        }
        let writes = start.is_some_and(|start| !start.options.read_only);
        (DB::ONE_WRITER && writes).then_some(WaitPhase::WriteLock)
    }

    async fn prepare(&mut self, start: Option<TxStart<'_>>) -> Result<(), Error> {
        if !self.pool.mode().changes_sessions() {
            return self.prepare_in_session(start).await;
        }
        // Until it is answered, the lease waits for a session as others wait for a connection.
        match timeout_at(self.acquire_until, self.prepare_in_session(start)).await {
            Ok(prepared) => prepared,
            Err(_) => Err(self.waited_in_vain(WaitPhase::Pooler, Busy::ACQUIRE_TIMEOUT)),
        }
    }

    async fn prepare_in_session(&mut self, start: Option<TxStart<'_>>) -> Result<(), Error> {
        // One that is refused sends nothing.
        let begin = start.map(|start| self.pool.begin_message(&start)).transpose()?;
        self.adapt_session(self.needs.clone()).await?;
        match begin {
            Some(begin) => self.send_begin(begin).await,
            None => Ok(()),
        }
    }

    /// Makes the session what a lease needs.
    ///
    /// # Cancel safety
    ///
    /// Safe: `prepared` says what recovery has to take back.
    async fn adapt_session(&mut self, needs: Prepared) -> Result<(), Error> {
        if self.prepared.search_path != needs.search_path {
            // `sqlx` keeps types by name, and statements by text: those of another schema.
            self.conn().forget_statements().await?;
            self.prepared.search_path = needs.search_path;
        }
        if self.prepared.read_only != needs.read_only {
            // Dropped on the way, it may be so.
            self.prepared.read_only = true;
            let set = self.conn().set_read_only(needs.read_only).await;
            set.inspect_err(|_| self.state.break_connection())?;
            self.prepared.read_only = needs.read_only;
        }
        Ok(())
    }

    async fn send_begin(&mut self, begin: Option<Begin>) -> Result<(), Error> {
        let Some(begin) = begin else {
            self.conn().enter_transaction();
            return Ok(());
        };
        if self.conn().begin_transaction(begin).await? {
            let token = self.conn().cancel_token.clone();
            self.pool.set_cancel_token(self.id, token);
        }
        Ok(())
    }

    fn waited_in_vain(&self, phase: WaitPhase, setting: &'static str) -> Error {
        self.pool.waited_in_vain(phase, setting, &self.state, self.requested_at)
    }

    /// Commits the transaction, or rolls it back, by `max_lease`, and ends the lease.
    fn end(mut self, succeeded: bool) -> BoxFuture<'static, TransactionEnd> {
        async move {
            #[cfg(feature = "rmcp")]
            let _uncut = succeeded.then(|| uncut::begin("COMMIT"));
            let (deadline, span, since) = (self.deadline, self.span.clone(), Instant::now());
            if deadline <= since {
                // A COMMIT that is sent now would be cut at once, and nobody would know its outcome.
                let error = self.deadline_error();
                let conflicted = self.may_run_again(Some(&error));
                return TransactionEnd { conflicted, outcome: Err(error) };
            }
            let outcome = match timeout_at(deadline, self.conn().end_transaction(succeeded))
                .instrument(span)
                .await
            {
                Ok(Ok(())) if succeeded => Ok(()),
                Ok(Ok(())) => self.ended_by().map_or(Ok(()), Err),
                Ok(Err(error)) if self.state.committing() || may_be_done(&error) => Err(error),
                Ok(Err(error)) => {
                    let error = self.pool.busy_if_locked(error, &self.state, since);
                    Err(self.ended_by().unwrap_or(error))
                }
                Err(_) => Err(self.deadline_error()),
            };
            let conflicted = self.may_run_again(outcome.as_ref().err());
            if self.pool.mode().asks_outdated() {
                let _ = timeout_at(deadline, self.conn().check_refused_write()).await;
            }
            if self.pool.mode().leaves_session_as_lent() && self.conn().depth == 0 {
                let as_lent = self.adapt_session(Prepared::default());
                if !matches!(timeout_at(deadline, as_lent).await, Ok(Ok(()))) {
                    self.state.break_connection();
                }
            }
            TransactionEnd { conflicted, outcome }
        }
        .boxed()
    }

    /// Returns `true` if it failed because of another transaction. What may have taken effect does not run again, whatever
    /// the body has met before.
    fn may_run_again(&self, error: Option<&Error>) -> bool {
        self.state.conflicted() && !error.is_some_and(may_be_done)
    }

    /// The error of a lease that was revoked, or that a limit of the server ended.
    fn ended_by(&self) -> Option<Error> {
        match (self.state.revoked(), self.state.ended_by()) {
            (Some(reason), _) => Some(Error::LeaseRevoked { site: self.state.site, reason }),
            (_, Some(setting)) => Some(self.expired(setting)),
            _ => None,
        }
    }

    /// The error of a lease whose body was dropped.
    fn cut_error(&self) -> Error {
        if !self.state.unchecked_refused() {
            return self.deadline_error();
        }
        let not_read = || self.conn.as_ref()?.raw.is_away().then(NotRead::error);
        let refused = || not_read().or_else(|| self.state.check_statement::<DB>().err());
        match self.ended_by().or_else(|| refused().map(Error::Database)) {
            Some(error) => self.unless_done_in_part(error),
            None => self.deadline_error(),
        }
    }

    /// The error of a lease that reached `max_lease`.
    fn deadline_error(&self) -> Error {
        let site = self.state.site;
        if self.state.committing() {
            let reason = "`max_lease` ran out during COMMIT";
            let cause = std::io::Error::new(std::io::ErrorKind::TimedOut, reason);
            return Error::CommitUnknown { site, cause: sqlx::Error::Io(cause) };
        }
        self.unless_done_in_part(self.ended_by().unwrap_or_else(|| self.expired("max_lease")))
    }

    /// The error of a transaction that was cut before its end: it is rolled back, but for what may be committed.
    fn unless_done_in_part(&self, error: Error) -> Error {
        match self.state.may_be_done() {
            true => Error::TransactionEnded { site: self.state.site },
            false => error,
        }
    }

    fn expired(&self, setting: &'static str) -> Error {
        let (site, held, busy) = (self.state.site, self.state.since.elapsed(), self.state.busy());
        self.meters.expired.increment(1);
        tracing::warn!(%site, ?held, ?busy, setting, "lease_overrun");
        Error::LeaseExpired { site, held, setting }
    }
}

impl<DB: Backend> Drop for Lease<DB> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let demoted = conn.may_be_demoted();
        let Conn { raw, cancel_token, lease, depth, .. } = conn;
        let in_flight = lease.in_flight();
        let outdated = (lease.stale() || demoted) && self.pool.mode().closes_outdated();
        if outdated {
            self.pool.retire_older(lease.site, self.lifetime, Instant::now());
        }
        let open = in_flight || depth > 0;
        let unchecked_used = lease.unchecked_used() && self.pool.mode().reaches_unchecked(open);
        let disposition = if lease.broken() {
            Disposition::Broken
        } else if outdated && !in_flight {
            Disposition::Outdated
        } else if open || unchecked_used {
            let answered = || self.polls.unpolled_for(Instant::now()).is_some();
            let rows_coming = in_flight && (lease.rows_came() || answered());
            // A COMMIT that was sent ends it, as a rule.
            let in_transaction = depth > 0 && !lease.committing();
            let torn = lease.torn::<DB>();
            let reason =
                RecoveryReason { in_flight, torn, rows_coming, in_transaction, unchecked_used };
            Disposition::NeedsRecovery(reason)
        } else {
            Disposition::Clean
        };
        let (lifetime, prepared) = (self.lifetime, mem::take(&mut self.prepared));
        let conn = SessionConn { raw, cancel_token, prepared };
        if self.pool.check_in(self.id, conn, lifetime, disposition, &lease) {
            self.meters.ended(&lease);
        }
    }
}

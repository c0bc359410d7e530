//! The leases that are open.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::slot::{Disposition, LeaseId, Lifetime, LiveConn, Open, SessionConn};
use super::state::count;
use super::{OpenLease, Pool, State};
use crate::Backend;
use crate::call_site::CallSite;
use crate::error::{Busy, Error, Revocation, WaitPhase};
use crate::lease_info::LeaseInfo;
use crate::lease_state::LeaseState;
use crate::status::Status;
use crate::telemetry::{GaugeGuard, SiteMeters};

impl<DB: Backend> Pool<DB> {
    /// Records the cancel token of a lease, which is known now.
    pub(crate) fn set_cancel_token(&self, id: LeaseId, token: Option<DB::CancelToken>) {
        if let Some(lease) = self.state().lease_mut(id) {
            lease.cancel_token = token;
        }
    }

    /// Ends a lease: its slot is free when this returns. A connection that is not clean is reset or
    /// closed. Returns `false` for a lease that was revoked, and so had ended before.
    pub(crate) fn check_in(
        self: &Arc<Self>,
        id: LeaseId,
        session: SessionConn<DB>,
        lifetime: Lifetime,
        disposition: Disposition,
        lease: &Arc<LeaseState>,
    ) -> bool {
        let now = Instant::now();
        let revoked = self.update(|state| match state.end_lease(id) {
            Some(OpenLease { permit, .. }) => {
                let conn = LiveConn { session, permit };
                state.check_in(id.slot, conn, lifetime, disposition, now);
                None
            }
            // Its permit is free: with its session if that could be ended, otherwise at once, as the lease may be forgotten.
            None => Some(session),
        });
        let ended = revoked.is_none();
        revoked.into_iter().for_each(|session| self.close_revoked(session, Arc::clone(lease)));
        ended
    }

    /// Lets go of all connections from before now, as one of that lifetime has shown that it is outdated.
    pub(crate) fn retire_older(self: &Arc<Self>, site: CallSite, lifetime: Lifetime, now: Instant) {
        if self.update(|state| state.retire_older(lifetime, now)) {
            tracing::warn!(%site, "a connection is outdated: closing all that are as old");
        }
    }

    /// Takes the slots of leases away from them, and ends their sessions.
    pub(super) fn revoke(
        self: &Arc<Self>,
        reason: Revocation,
        is_due: impl Fn(&LeaseState) -> bool,
    ) -> Vec<LeaseInfo> {
        let is_due = |open: &Open<OpenLease<DB>>| is_due(&open.lease.state);
        self.end_revoked(reason, |state| state.revoke(Instant::now(), is_due))
    }

    /// Revokes leases that are stalled, if somebody waits for a connection.
    pub(super) fn revoke_stalled(
        self: &Arc<Self>,
        is_stalled: impl Fn(&OpenLease<DB>) -> bool,
    ) -> Vec<LeaseInfo> {
        self.end_revoked(Revocation::Stalled, |state| {
            state.revoke_stalled(Instant::now(), is_stalled)
        })
    }

    /// Reports each lease that is stalled, once.
    pub(super) fn report_stalled(&self, is_stalled: impl Fn(&OpenLease<DB>) -> bool) {
        let state = self.state();
        let leases = state.leases().map(|open| &open.lease);
        let stalled = leases.filter(|lease| is_stalled(lease) && lease.state.record_stall());
        let stalled: Vec<_> = stalled.map(|lease| lease.state.info()).collect();
        drop(state);
        for LeaseInfo { site, age, .. } in stalled {
            self.telemetry.site(site).stalled.increment(1);
            tracing::warn!(%site, ?age, "lease_stalled");
        }
    }

    fn end_revoked(
        self: &Arc<Self>,
        reason: Revocation,
        transition: impl FnOnce(&mut State<DB>) -> Vec<OpenLease<DB>>,
    ) -> Vec<LeaseInfo> {
        let leases = self.update(|state| {
            let leases = transition(state);
            // Under the lock: who ends now knows that it was revoked.
            leases.iter().for_each(|lease| lease.state.revoke(reason));
            leases
        });
        let end = |OpenLease { state, cancel_token, permit, .. }| {
            let meters = self.telemetry.site(state.site);
            meters.revoked.increment(1);
            meters.ended(&state);
            if let Some(token) = cancel_token {
                self.terminate(token, permit, Some(Arc::clone(&state)));
            }
            state.info()
        };
        let mut revoked: Vec<_> = leases.into_iter().map(end).collect();
        revoked.sort_by_key(|lease| std::cmp::Reverse(lease.age));
        revoked
    }

    /// The open leases, the longest first.
    pub(crate) fn leases(&self) -> Vec<LeaseInfo> {
        infos(leases_but(None, &self.state()))
    }

    /// Says why there is no connection. `own` is the lease that waits, if it counts as open.
    pub(crate) fn busy(
        &self,
        phase: WaitPhase,
        setting: &'static str,
        since: Instant,
        own: Option<&LeaseState>,
    ) -> Box<Busy> {
        let state = self.state();
        // A statement that waits for the same lock would have failed by now if it had been sent before.
        let waits_since = own.map_or(since, |own| own.since.max(since));
        let may_hold =
            |lease: &&LeaseState| phase != WaitPhase::WriteLock || lease.may_have_lock(waits_since);
        let used = count(leases_but(own, &state).count());
        let mut holders = infos(leases_but(own, &state).filter(may_hold));
        holders.truncate(3);
        Box::new(Busy {
            phase,
            waited: since.elapsed(),
            setting,
            max: self.settings.max_connections,
            used,
            idle: state.idle(),
            recovering: state.recovering(),
            waiting: state.waiting(),
            connect_error: state.connect_error().map(ToString::to_string),
            holders,
        })
    }

    /// Words an error by what it means where a database has one writer, if nothing was done: somebody else has its lock.
    /// `own` is the lease that waited for it since then.
    pub(crate) fn busy_if_locked(&self, error: Error, own: &LeaseState, since: Instant) -> Error {
        match error {
            Error::Database(sqlx::Error::Database(locked))
                if DB::ONE_WRITER && DB::may_pass(&*locked) =>
            {
                let lasted = own.since.elapsed() >= self.settings.lock_wait();
                let setting = if lasted { "max_lease" } else { "busy_timeout" };
                self.waited_in_vain(WaitPhase::WriteLock, setting, own, since)
            }
            other => other,
        }
    }

    /// The error of a lease that had its connection and waited on, until the end of a setting. Records the wait.
    pub(crate) fn waited_in_vain(
        &self,
        phase: WaitPhase,
        setting: &'static str,
        own: &LeaseState,
        since: Instant,
    ) -> Error {
        let busy = Error::Busy(self.busy(phase, setting, since, Some(own)));
        let meters = self.site_meters(own.site);
        self.record_refusal(own.site, &meters, &busy);
        busy
    }

    /// The meters of the leases that are opened at a call site.
    pub(crate) fn site_meters(&self, site: CallSite) -> Arc<SiteMeters> {
        self.telemetry.site(site)
    }

    /// Records the time that a lease which has begun waited for its connection, and reports a wait that was long.
    pub(crate) fn record_wait(&self, site: CallSite, meters: &SiteMeters, waited: Duration) {
        meters.waited(waited);
        if waited > self.settings.acquire_timeout / 4 {
            self.telemetry.pressure(site, waited, "served", || self.status());
        }
    }

    /// Records and reports a wait in vain, if the error is about one.
    pub(crate) fn record_refusal(&self, site: CallSite, meters: &SiteMeters, error: &Error) {
        if let Error::Busy(busy) = error {
            meters.timed_out(busy.phase);
            self.telemetry.pressure(site, busy.waited, busy.phase.as_str(), || self.status());
        }
    }

    /// Counts a dedicated connection for as long as the guard lives.
    pub(crate) fn count_dedicated(&self) -> GaugeGuard {
        GaugeGuard::new(&self.telemetry.meters().dedicated)
    }

    /// The numbers of connections and waiters now.
    pub(crate) fn status(&self) -> Status {
        let state = self.state();
        Status {
            max: self.settings.max_connections,
            used: state.leased(),
            idle: state.idle(),
            waiting: state.waiting(),
            recovering: state.recovering(),
        }
    }
}

/// The open leases but `own`.
fn leases_but<'s, DB: Backend>(
    own: Option<&'s LeaseState>,
    state: &'s State<DB>,
) -> impl Iterator<Item = &'s LeaseState> {
    let leases = state.leases().map(|open| &*open.lease.state);
    leases.filter(move |lease| own.is_none_or(|own| !std::ptr::eq(*lease, own)))
}

/// Describes leases, the longest first.
fn infos<'s>(leases: impl Iterator<Item = &'s LeaseState>) -> Vec<LeaseInfo> {
    let mut leases: Vec<_> = leases.map(LeaseState::info).collect();
    leases.sort_by_key(|lease| std::cmp::Reverse(lease.age));
    leases
}

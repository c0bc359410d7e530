use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::backend::driver::TxStart;
use crate::call_site::CallSite;
use crate::lease_info::{SearchPath, Tenant};
use crate::pool::Pool;
use crate::settings::{NEVER, Settings};
use crate::{Backend, TxOptions};

/// The limits and settings of a session, for each of its leases.
#[derive(Clone, Default)]
pub(crate) struct Scope {
    pub(crate) tenant: Tenant,
    /// Settings of the server, by name, for as long as a lease.
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) acquire_timeout: Option<Duration>,
    pub(crate) max_lease: Option<Duration>,
}

impl Scope {
    /// Returns `true` if each lease must be a transaction, because something is set for as long as it.
    pub(crate) fn needs_transactions(&self) -> bool {
        self.tenant.is_some() || !self.settings.is_empty()
    }

    /// Returns `true` if its settings let its transactions read only.
    pub(crate) fn is_read_only(&self) -> bool {
        self.settings.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("transaction_read_only")
                && ["on", "true", "yes", "1"].iter().any(|on| value.eq_ignore_ascii_case(on))
        })
    }

    /// Returns what decides whose tables and types its statements name.
    pub(super) fn search_path(&self) -> SearchPath {
        let is_path = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("search_path");
        match (&self.tenant, self.settings.iter().rfind(is_path)) {
            (tenant, None) => tenant.clone(),
            (tenant, Some((_, path))) => {
                // No tenant has a zero byte in its name.
                let tenant = tenant.as_deref().unwrap_or_default();
                Some(format!("{tenant}\0{path}").into())
            }
        }
    }

    pub(super) fn acquire_timeout(&self, settings: &Settings) -> Duration {
        self.acquire_timeout.unwrap_or(settings.acquire_timeout).min(NEVER)
    }

    pub(super) fn max_lease(&self, settings: &Settings) -> Duration {
        self.max_lease.unwrap_or(settings.max_lease).min(settings.max_lease)
    }
}

/// A request for a lease.
pub(crate) struct LeaseRequest<'s, DB: Backend> {
    pub(crate) pool: &'s Arc<Pool<DB>>,
    pub(crate) scope: &'s Scope,
    pub(crate) site: CallSite,
    /// The transaction that was asked for. `None` for a lease that promises nothing about its statements together.
    pub(crate) transaction: Option<TxOptions>,
    /// `true` if it is one statement that writes.
    pub(crate) writes: bool,
    /// `true` in it if the session has had a lease.
    pub(crate) begun: Option<&'s AtomicBool>,
}

impl<DB: Backend> Clone for LeaseRequest<'_, DB> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<DB: Backend> Copy for LeaseRequest<'_, DB> {}

impl<'s, DB: Backend> LeaseRequest<'s, DB> {
    /// Returns `true` if the lease needs the permit to write, if there is one writer.
    pub(super) fn writes(&self) -> bool {
        self.writes || self.transaction.is_some_and(|options| !options.read_only)
    }

    /// Returns `true` if the session has had a lease.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.is_some_and(|begun| begun.load(Ordering::Relaxed))
    }

    /// Remembers that the session has had a lease.
    pub(super) fn mark_begun(&self) {
        if let Some(begun) = self.begun {
            begun.store(true, Ordering::Relaxed);
        }
    }

    /// Returns the transaction that the lease is, whoever asked for it.
    pub(super) fn options(&self) -> Option<TxOptions> {
        let wraps = self.scope.needs_transactions() || self.pool.mode().wraps_leases::<DB>();
        self.transaction.or_else(|| wraps.then(TxOptions::new))
    }

    /// Returns how the transaction begins, if the lease is one.
    pub(super) fn start(&self) -> Option<TxStart<'s>> {
        let Scope { tenant, settings, .. } = self.scope;
        self.options().map(|options| TxStart { tenant: tenant.as_deref(), settings, options })
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn a_wait_without_an_end_can_be_added_to_a_time() {
        let scope = Scope { acquire_timeout: Some(Duration::MAX), ..Scope::default() };
        let limit = scope.acquire_timeout(&Settings::default());
        assert!(Instant::now().checked_add(limit).is_some());
    }
}

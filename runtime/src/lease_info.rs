use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::call_site::CallSite;

/// The schema that a session works in. Sessions with the same name share it.
pub(crate) type Tenant = Option<Arc<str>>;

/// The tenant and the `search_path` of a session, which decide whose tables and types its statements name. `None` if it has
/// neither.
pub(crate) type SearchPath = Option<Arc<str>>;

/// An open lease: its call site, its age, and if a statement is running on it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeaseInfo {
    /// The place where the lease was opened.
    pub site: CallSite,
    /// The time that it has been open.
    pub age: Duration,
    /// `true` if a statement is running now.
    pub in_query: bool,
    /// The tenant it was opened for.
    pub tenant: Option<Arc<str>>,
}

impl LeaseInfo {
    /// Writes the lease without its tenant, so that other tenants may read it.
    pub(crate) fn anonymous(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.in_query { "in a query" } else { "between queries" };
        write!(f, "{} for {:.1?}, {state}", self.site, self.age)
    }
}

impl fmt::Display for LeaseInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.anonymous(f)?;
        match &self.tenant {
            Some(tenant) => write!(f, ", for tenant {tenant:?}"),
            None => Ok(()),
        }
    }
}

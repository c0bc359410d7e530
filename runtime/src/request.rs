use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::lease::request::Scope;

/// The session of one request, for all that want it, one at a time.
#[derive(Default)]
pub(crate) struct RequestSession {
    state: Mutex<State>,
    /// It has had a lease.
    begun: AtomicBool,
}

#[derive(Default)]
struct State {
    in_use: bool,
    scope: Scope,
}

/// The use of a request's session. Dropped, it leaves the session to the next.
pub(crate) struct SessionUse(Arc<RequestSession>);

impl RequestSession {
    /// Returns the use of the session and what an earlier user has set for it; `None` if it is in use.
    pub(crate) fn begin_use(self: &Arc<Self>) -> Option<(SessionUse, Scope)> {
        let mut state = self.state();
        if state.in_use {
            return None;
        }
        state.in_use = true;
        Some((SessionUse(Arc::clone(self)), state.scope.clone()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionUse {
    /// Returns what says if the request has had a lease, by this user or an earlier one.
    pub(crate) fn begun(&self) -> &AtomicBool {
        &self.0.begun
    }

    /// Sets what holds for those that use the session after this.
    pub(crate) fn set_scope(&self, scope: &Scope) {
        self.0.state().scope.clone_from(scope);
    }
}

impl Drop for SessionUse {
    fn drop(&mut self) {
        self.0.state().in_use = false;
    }
}

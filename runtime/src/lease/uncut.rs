use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

tokio::task_local! {
    static PARTS: UncutParts;
}

/// The parts of a call under way that its cancellation does not cut, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct UncutParts(Arc<Mutex<Vec<&'static str>>>);

/// A part of a call that is not cut. Dropped, it has ended.
pub(crate) struct UncutPart(Option<(UncutParts, &'static str)>);

impl UncutParts {
    /// Runs a call, whose uncut parts are then these.
    pub(crate) fn scope<F: Future>(&self, call: F) -> impl Future<Output = F::Output> + use<F> {
        PARTS.scope(self.clone(), call)
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a part of the current call that is not cut. Outside of a call there is nothing to protect it from.
pub(crate) fn begin(name: &'static str) -> UncutPart {
    let parts = PARTS.try_with(UncutParts::clone).ok();
    if let Some(parts) = &parts {
        parts.lock().push(name);
    }
    UncutPart(parts.map(|parts| (parts, name)))
}

impl Drop for UncutPart {
    fn drop(&mut self) {
        if let Some((parts, name)) = &self.0 {
            let mut parts = parts.lock();
            if let Some(at) = parts.iter().position(|part| part == name) {
                parts.swap_remove(at);
            }
        }
    }
}

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

tokio::task_local! {
    static PARTS: UncutParts;
}

/// The parts of a call under way that its cancellation does not cut, by name.
#[derive(Clone, Debug)]
pub(crate) struct UncutParts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    names: Mutex<Vec<&'static str>>,
    /// Those of the call that this call is a part of: what is not cut here is not cut there.
    outer: Option<UncutParts>,
}

/// A part of a call that is not cut. Dropped, it has ended.
pub(crate) struct UncutPart(Option<(UncutParts, &'static str)>);

impl UncutParts {
    /// Returns those of a call that begins, in the current call if there is one.
    pub(crate) fn of_new_call() -> Self {
        UncutParts(Arc::new(Inner { names: Mutex::default(), outer: Self::current() }))
    }

    fn current() -> Option<Self> {
        PARTS.try_with(UncutParts::clone).ok()
    }

    /// Runs a call, whose uncut parts are then these.
    pub(crate) fn scope<F: Future>(&self, call: F) -> impl Future<Output = F::Output> + use<F> {
        PARTS.scope(self.clone(), call)
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.lock().clone()
    }

    fn begin(&self, name: &'static str) {
        self.lock().push(name);
        if let Some(outer) = &self.0.outer {
            outer.begin(name);
        }
    }

    fn end(&self, name: &'static str) {
        let mut names = self.lock();
        if let Some(at) = names.iter().position(|part| *part == name) {
            names.swap_remove(at);
        }
        drop(names);
        if let Some(outer) = &self.0.outer {
            outer.end(name);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<&'static str>> {
        self.0.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a part of the current call that is not cut. Outside of a call there is nothing to protect it from.
pub(crate) fn begin(name: &'static str) -> UncutPart {
    let parts = UncutParts::current();
    if let Some(parts) = &parts {
        parts.begin(name);
    }
    UncutPart(parts.map(|parts| (parts, name)))
}

impl Drop for UncutPart {
    fn drop(&mut self) {
        if let Some((parts, name)) = &self.0 {
            parts.end(name);
        }
    }
}

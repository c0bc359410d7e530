use std::sync::atomic::{AtomicUsize, Ordering};

/// One more, for as long as it lives.
pub(crate) struct Counting<'a>(&'a AtomicUsize);

impl<'a> Counting<'a> {
    pub(crate) fn among(others: &'a AtomicUsize) -> Self {
        others.fetch_add(1, Ordering::AcqRel);
        Counting(others)
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

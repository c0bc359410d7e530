use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::callee::NoHandler;

pin_project! {
    /// The future of a session's short form: one statement on a lease of its own.
    ///
    /// # Cancel safety
    ///
    /// That of [`Session::lease`](crate::Session::lease).
    #[must_use = "statements do nothing unless awaited"]
    pub struct SessionCall<F> {
        #[pin]
        future: F,
    }
}

impl<F> SessionCall<F> {
    pub(crate) fn new(future: F) -> Self {
        SessionCall { future }
    }
}

impl<F: Future> Future for SessionCall<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

opaque_debug!([F] SessionCall<F>, "SessionCall");

/// Found before the checks of [`InLease`](crate::__private::InLease), so that the error is that of a lease in a lease.
#[doc(hidden)]
impl<F> SessionCall<F> {
    pub fn __in_lease(self) -> Self
    where
        Self: NoHandler,
    {
        self
    }

    pub fn __runs_in_lease(self) -> Self
    where
        Self: NoHandler,
    {
        self
    }
}

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use super::callee::NoHandler;
use crate::Error;

/// The future of a session's short form: one statement on a lease of its own.
///
/// # Cancel safety
///
/// That of [`Session::lease`](crate::Session::lease).
// Its type does not name the statement, so rustc reports a wrong one once.
#[must_use = "statements do nothing unless awaited"]
pub struct SessionCall<'s, T>(BoxFuture<'s, Result<T, Error>>);

impl<'s, T> SessionCall<'s, T> {
    pub(crate) fn new(future: BoxFuture<'s, Result<T, Error>>) -> Self {
        SessionCall(future)
    }
}

impl<T> Future for SessionCall<'_, T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

opaque_debug!([T] SessionCall<'_, T>, "SessionCall");

/// Found before the checks of [`InLease`](crate::__private::InLease), so that the error is that of a lease in a lease.
#[doc(hidden)]
impl<T> SessionCall<'_, T> {
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

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

/// The future of a statement on a lease.
///
/// # Errors
///
/// Those of the `sqlx` verb it came from.
///
/// # Cancel safety
///
/// That of [`DbCall`](crate::DbCall).
// A type of its own and not a `DbCall<BoxFuture<..>>`, because handlers await it most: rustc finds its
// output and proves it `Send` in one step.
#[must_use = "statements do nothing unless awaited"]
pub struct StatementFuture<'c, T>(BoxFuture<'c, Result<T, sqlx::Error>>);

impl<'c, T> StatementFuture<'c, T> {
    pub(crate) fn new(future: BoxFuture<'c, Result<T, sqlx::Error>>) -> Self {
        StatementFuture(future)
    }
}

impl<T> Future for StatementFuture<'_, T> {
    type Output = Result<T, sqlx::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

opaque_debug!([T] StatementFuture<'_, T>, "StatementFuture");

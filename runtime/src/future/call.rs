use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// A future that waits only on the database: what a [`#[leased]`](crate::leased) function returns, in a box if it
    /// is `boxed`. One on an [`EitherConn`](crate::EitherConn) returns an [`EitherCall`](crate::EitherCall), and a
    /// statement's verb a [`StatementFuture`](crate::StatementFuture).
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels the statement it waits for. The connection is then known to be in the
    /// middle of something: it is not lent again before it has been recovered.
    #[must_use = "database calls do nothing unless awaited"]
    pub struct DbCall<F> {
        #[pin]
        future: F,
    }
}

impl<F> DbCall<F> {
    pub(crate) fn new(future: F) -> Self {
        DbCall { future }
    }
}

impl<F: Future> Future for DbCall<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

opaque_debug!([F] DbCall<F>, "DbCall");

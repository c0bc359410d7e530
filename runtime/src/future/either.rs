use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::Timeout;
use tracing::instrument::Instrumented;

pin_project! {
    /// The future of a helper that runs on a leased connection or on one of `sqlx`. See [`EitherConn`](crate::EitherConn).
    ///
    /// `C` is the connection. On a [`Conn`](crate::Conn) or a [`Tx`](crate::Tx) this is a [`DbFuture`](crate::DbFuture). On a
    /// connection of `sqlx` it is a plain future, which a lease refuses.
    ///
    /// # Cancel safety
    ///
    /// On a lease, that of [`DbCall`](crate::DbCall). On a connection of `sqlx`, that of `sqlx`'s own verbs.
    #[must_use = "database calls do nothing unless awaited"]
    pub struct EitherCall<C, F> {
        #[pin]
        future: F,
        connection: PhantomData<fn(&mut C)>,
    }
}

impl<C, F> EitherCall<C, F> {
    pub(crate) fn new(future: F) -> Self {
        EitherCall { future, connection: PhantomData }
    }
}

impl<C, F: Future> Future for EitherCall<C, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

opaque_debug!([C, F] EitherCall<C, F>, "EitherCall");

/// A connection that is leased for sure.
pub trait IsLeased {}

/// A future that waits only on the connection `C`, whichever that is.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "only calls on this connection may be awaited here, because it may be leased",
    note = "await this before the helper or after it",
    note = "if this function only talks to the database, let it take the connection as this one does, and mark it `#[shortlease::leased]`",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait CallOn<C>: Future {}

#[diagnostic::do_not_recommend]
impl<C, F: Future> CallOn<C> for EitherCall<C, F> {}

#[diagnostic::do_not_recommend]
impl<C, F: CallOn<C>> CallOn<C> for Instrumented<F> {}

#[diagnostic::do_not_recommend]
impl<C, F: CallOn<C>> CallOn<C> for Timeout<F> {}

#[diagnostic::do_not_recommend]
impl<C, F: CallOn<C> + ?Sized> CallOn<C> for Pin<Box<F>> {}

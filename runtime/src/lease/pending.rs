use std::any::type_name;
use std::marker::PhantomData;

use super::handoff::{BorrowedConn, Handoff};
use super::request::LeaseRequest;
use super::retry::retry;
use super::run::RunLease;
use crate::conn::leased::Leased;
use crate::{Backend, Error};

/// A lease that has not been opened yet. A handler's `lease` and `transaction` become one. `C` is the type that its
/// body sees, [`Conn`] or [`Tx`](crate::Tx), and `E` the error of its body.
///
/// The body is a future beside it and not a closure over the connection, because a closure costs the compiler a
/// good deal more. So the connection goes by a place that both know: the lease puts it there, the body takes it
/// out, and puts it back at its end, however it ends.
pub struct PendingLease<'s, DB: Backend, C, E> {
    request: LeaseRequest<'s, DB>,
    handoff: Handoff<DB>,
    // A function and not a bound of each method, so that an error type without a conversion is one error.
    convert: fn(Error) -> E,
    body_sees: PhantomData<fn() -> C>,
}

impl<'s, DB: Backend, C: Leased<DB>, E> PendingLease<'s, DB, C, E> {
    pub(crate) fn new(request: LeaseRequest<'s, DB>, convert: fn(Error) -> E) -> Self {
        PendingLease { request, handoff: Handoff::new(), convert, body_sees: PhantomData }
    }

    /// Lends the connection to the body that [`run_body`](PendingLease::run_body) runs.
    #[doc(hidden)]
    pub fn lend_to_body(&self) -> BorrowedConn<DB, C> {
        self.handoff.lend()
    }

    /// Opens the lease and runs the body on it, to its end or to `max_lease`.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any point, the slot is free at once.
    #[doc(hidden)]
    pub fn run_body<T, B>(&self, body: B) -> RunLease<'s, DB, T, E, B>
    where
        B: Future<Output = Result<T, E>>,
    {
        let site = self.request.site.of_body(type_name::<B>());
        let request = LeaseRequest { site, ..self.request };
        RunLease::new(request, self.handoff.share(), self.convert, body)
    }

    /// Opens the lease and runs the body on it; again, if the database asks for it and the options allow it.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any point, the slot is free at once.
    #[doc(hidden)]
    // Not an `AsyncFnMut`, whose future rustc cannot prove to be `Send`.
    pub fn run_again<T, F, B>(
        &self,
        body: B,
    ) -> impl Future<Output = Result<T, E>> + use<'_, 's, DB, C, T, E, F, B>
    where
        F: Future<Output = Result<T, E>>,
        B: FnMut() -> F,
    {
        let site = self.request.site.of_body(type_name::<B>());
        retry(LeaseRequest { site, ..self.request }, &self.handoff, self.convert, body)
    }

    /// Runs a body that gets the connection from the handoff itself. The call site names no function.
    pub(crate) fn run_with<T, B>(
        &self,
        body: impl FnOnce(Handoff<DB>) -> B,
    ) -> RunLease<'s, DB, T, E, B>
    where
        B: Future<Output = Result<T, E>>,
    {
        let body = body(self.handoff.share());
        RunLease::new(self.request, self.handoff.share(), self.convert, body)
    }
}

opaque_debug!([DB: Backend, C, E] PendingLease<'_, DB, C, E>, "PendingLease");

//! What the attributes' expansions name. Not for use by hand: a path written here is a promise to
//! the compiler that its awaits were checked.

use crate::session::BodyError;
use crate::{Backend, Conn, DbFuture, Tx};

pub use crate::call::DbCall;
pub use core::prelude::v1::derive;
pub use core::{any::type_name, compile_error, format_args, module_path, pin::pin, unreachable};
pub use std::{boxed::Box, thread_local, vec};

/// Lets only database futures through to an `.await`.
#[inline(always)]
pub fn check<F: DbFuture>(future: F) -> F {
    future
}

/// A future whose awaits were checked, each.
#[inline(always)]
pub fn call<F: Future>(future: F) -> DbCall<F> {
    DbCall::new(future)
}

/// What a statement runs on, where no name tells that it is the leased connection.
#[inline(always)]
pub fn on<'c, DB: Backend, C: LeasedConnection<'c, DB>>(conn: C) -> &'c mut Conn<DB> {
    conn.conn()
}

/// A leased connection, however it came here.
#[diagnostic::on_unimplemented(
    message = "this statement does not run on the leased connection",
    label = "`{Self}` is no leased connection",
    note = "run it on the connection of the lease, or end the lease first",
    note = "a field or a variable of type `&mut Conn<_>` or `&mut Tx<_>` is lent on as `&mut *it`"
)]
pub trait LeasedConnection<'c, DB: Backend> {
    #[doc(hidden)]
    fn conn(self) -> &'c mut Conn<DB>;
}

#[diagnostic::do_not_recommend]
impl<'c, DB: Backend> LeasedConnection<'c, DB> for &'c mut Conn<DB> {
    #[inline(always)]
    fn conn(self) -> &'c mut Conn<DB> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'c, DB: Backend> LeasedConnection<'c, DB> for &'c mut Tx<DB> {
    #[inline(always)]
    fn conn(self) -> &'c mut Conn<DB> {
        self
    }
}

/// What a macro gives in a lease. Its name is what rustc says to a `return` in its expansion.
// Of one field, and rustc would propose to wrap the value in it.
#[derive(Debug)]
pub struct NoReturnFromMacro<T>(pub T, pub ());

/// What a macro gives. By value, and the closure too: nothing of it is left for the rest of the statement.
#[inline(always)]
pub fn given<T>(give: impl FnOnce() -> NoReturnFromMacro<T>) -> T {
    give().0
}

/// What a body ends in, with its error converted as `?` does.
#[inline(always)]
pub fn ended<O: Outcome, E: BodyError<O::Error>>(outcome: O) -> Result<O::Value, E> {
    outcome.result().map_err(E::from)
}

/// What an await at the end of a body gives.
#[diagnostic::on_unimplemented(
    message = "a lease ends in a `Result`, and this one in `{Self}`",
    label = "this is no `Result`",
    note = "wrap it: `Ok(..)`"
)]
pub trait Outcome {
    /// Of `Ok`.
    type Value;
    /// Of `Err`.
    type Error;

    #[doc(hidden)]
    fn result(self) -> Result<Self::Value, Self::Error>;
}

impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Error = E;

    #[inline(always)]
    fn result(self) -> Result<T, E> {
        self
    }
}

/// The error type of a handler whose return type hides it behind an alias.
#[diagnostic::on_unimplemented(
    message = "`{Self}` hides the error type that leases in this handler should end in",
    label = "this is no `Result`",
    note = "name it: `#[handler(error = MyError)]`"
)]
pub trait Fallible {
    /// The error type.
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Error = E;
}

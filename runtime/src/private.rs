//! The items that expansions of the attributes name. Not for use by hand: an item that is used promises the compiler
//! that awaits were checked.

use crate::future::callee::{CheckedBody, NoHandler, NoJoin, NoWait, OnLease, RunsOnLease};
use crate::future::leased_fn::LeasedClosure;
use crate::handler::{BodyError, Ended, OwnError};
use crate::{Backend, Conn, DbFuture, EitherCall, Rows, Statement, StatementFuture, Tx};

pub use crate::DbCall;
pub use crate::conn::either::InHelper;
pub use core::prelude::v1::{
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, derive,
};
pub use core::{
    assert, assert_eq, assert_ne, compile_error, debug_assert, debug_assert_eq, debug_assert_ne,
    format_args, matches, panic, stringify, todo, unimplemented, unreachable, write, writeln,
};
pub use std::{boxed::Box, eprint, eprintln, format, marker::PhantomData, print, println, vec};

/// The methods that the attributes put into the code of a lease. They are called on values of every type, so a
/// receiver is neither borrowed nor dereferenced to find them.
pub trait InLease: Sized {
    #[doc(hidden)]
    #[inline(always)]
    fn __waits_in_lease(self) -> Self
    where
        Self: NoWait,
    {
        self
    }

    #[doc(hidden)]
    #[inline(always)]
    fn __takes_lease(self) -> Self
    where
        Self: OnLease,
    {
        self
    }

    #[doc(hidden)]
    #[inline(always)]
    fn __opens_in_lease(self) -> Self
    where
        Self: NoHandler,
    {
        self
    }

    #[doc(hidden)]
    #[inline(always)]
    fn __runs_in_lease(self) -> Self
    where
        Self: RunsOnLease,
    {
        self
    }

    #[doc(hidden)]
    #[inline(always)]
    fn __joins_in_lease(self) -> Self
    where
        Self: NoJoin,
    {
        self
    }

    #[doc(hidden)]
    #[inline(always)]
    fn __closure_in_lease(self) -> Self
    where
        Self: CheckedBody,
    {
        self
    }

    /// Lets only database futures through to an `.await`.
    #[doc(hidden)]
    #[inline(always)]
    fn __in_lease(self) -> Self
    where
        Self: DbFuture,
    {
        self
    }

    /// Returns the value of a call that a body ends in, which is not awaited.
    #[doc(hidden)]
    #[inline(always)]
    fn __ended_unawaited(self) -> Result<Self::Value, Self::Error>
    where
        Self: Ended,
    {
        self.result()
    }

    /// Returns the value that a body ends in, with its error converted as `?` does.
    #[doc(hidden)]
    #[inline(always)]
    fn __ended<E>(self) -> Result<Self::Value, E>
    where
        Self: Outcome,
        E: BodyError<Self::Error>,
    {
        self.result().map_err(E::from)
    }

    /// Like [`__ended`](InLease::__ended), in a lease that does not end in the error of its function.
    #[doc(hidden)]
    #[inline(always)]
    fn __ended_alone<E>(self) -> Result<Self::Value, E>
    where
        Self: Outcome,
        E: OwnError<Self::Error>,
    {
        self.result().map_err(E::from)
    }

    /// sqlx's `execute`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __execute<'c, DB, T>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, DB::QueryResult>
    where
        DB: Backend,
        T: Send + 'c,
        Self: Statement<DB, T> + 'c,
    {
        Statement::execute(self, conn)
    }

    /// sqlx's `execute`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __execute_on<'c, DB, T, C>(self, conn: C) -> StatementFuture<'c, DB::QueryResult>
    where
        DB: Backend,
        T: Send + 'c,
        C: LeasedConnection<'c, DB>,
        Self: Statement<DB, T> + 'c,
    {
        Statement::execute(self, conn.conn())
    }

    /// sqlx's `fetch`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch<'c, DB, T>(self, conn: &'c mut Conn<DB>) -> Rows<'c, T>
    where
        DB: Backend,
        T: Send + 'c,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch(self, conn)
    }

    /// sqlx's `fetch`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_on<'c, DB, T, C>(self, conn: C) -> Rows<'c, T>
    where
        DB: Backend,
        T: Send + 'c,
        C: LeasedConnection<'c, DB>,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch(self, conn.conn())
    }

    /// sqlx's `fetch_all`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_all<'c, DB, T>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, Vec<T>>
    where
        DB: Backend,
        T: Send + 'c,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch_all(self, conn)
    }

    /// sqlx's `fetch_all`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_all_on<'c, DB, T, C>(self, conn: C) -> StatementFuture<'c, Vec<T>>
    where
        DB: Backend,
        T: Send + 'c,
        C: LeasedConnection<'c, DB>,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch_all(self, conn.conn())
    }

    /// sqlx's `fetch_one`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_one<'c, DB, T>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, T>
    where
        DB: Backend,
        T: Send + 'c,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch_one(self, conn)
    }

    /// sqlx's `fetch_one`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_one_on<'c, DB, T, C>(self, conn: C) -> StatementFuture<'c, T>
    where
        DB: Backend,
        T: Send + 'c,
        C: LeasedConnection<'c, DB>,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch_one(self, conn.conn())
    }

    /// sqlx's `fetch_optional`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_optional<'c, DB, T>(self, conn: &'c mut Conn<DB>) -> StatementFuture<'c, Option<T>>
    where
        DB: Backend,
        T: Send + 'c,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch_optional(self, conn)
    }

    /// sqlx's `fetch_optional`, on the leased connection.
    #[doc(hidden)]
    #[inline(always)]
    fn __fetch_optional_on<'c, DB, T, C>(self, conn: C) -> StatementFuture<'c, Option<T>>
    where
        DB: Backend,
        T: Send + 'c,
        C: LeasedConnection<'c, DB>,
        Self: Statement<DB, T> + 'c,
    {
        Statement::fetch_optional(self, conn.conn())
    }
}

impl<T> InLease for T {}

/// The methods that open leases, for types that have none: [`Session`](crate::Session)'s own come first. Nothing
/// implements [`HasLeases`]; its error says what the attribute has taken for a lease.
pub trait OpensLease {
    #[doc(hidden)]
    fn lease_in_handler<E>(&mut self);
    #[doc(hidden)]
    fn transaction_in_handler<E>(&mut self);
    #[doc(hidden)]
    fn transaction_with_in_handler<E>(&mut self, options: impl Sized);
    #[doc(hidden)]
    fn snapshot_in_handler<E>(&mut self);
    #[doc(hidden)]
    fn savepoint_in_lease<E, T, F>(&mut self, body: F);
}

impl<T: HasLeases> OpensLease for T {
    fn lease_in_handler<E>(&mut self) {}
    fn transaction_in_handler<E>(&mut self) {}
    fn transaction_with_in_handler<E>(&mut self, _: impl Sized) {}
    fn snapshot_in_handler<E>(&mut self) {}
    fn savepoint_in_lease<E, V, F>(&mut self, _: F) {}
}

/// A type with leases, of which there are none beside the sessions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a session of shortlease, so this call opens no lease",
    label = "this method of another type is called as a lease is",
    note = "call it by its path: `Type::transaction(&value, async |x| ..)`"
)]
pub trait HasLeases {}

/// Makes a database future of one whose awaits were all checked.
#[inline(always)]
pub fn call<F: Future>(future: F) -> DbCall<F> {
    DbCall::new(future)
}

/// Makes the future of a helper on the connection `C` of one whose awaits were all checked.
#[inline(always)]
pub fn call_on<C, F: Future>(_: PhantomData<fn(&mut C)>, future: F) -> EitherCall<C, F> {
    EitherCall::new(future)
}

/// A closure whose awaits were checked, each.
#[inline(always)]
pub fn leased_closure<C, T, F: AsyncFnOnce(&mut C) -> T>(closure: F) -> LeasedClosure<F> {
    LeasedClosure(closure)
}

/// A leased connection, however it came here.
#[diagnostic::on_unimplemented(
    message = "this statement does not run on the leased connection",
    label = "`{Self}` is not a leased connection",
    note = "run it on the connection of the lease, or end the lease first",
    note = "pass a field of type `&mut Conn<_>` or `&mut Tx<_>` as `&mut *field`"
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

/// The value of a macro call in a lease. rustc shows this name for a `return` in the expansion.
// Two fields, because rustc would propose to wrap the value in a struct of one field.
#[derive(Debug)]
pub struct NoReturnFromMacroUnlessTrusted<T>(pub T, pub ());

/// The value of a macro call that leaves the function: none. rustc shows this name for a macro that goes on.
#[derive(Debug)]
pub enum LeavesTheFunctionUnlessTrusted {}

/// Returns the value of a macro call. Takes the closure by value, so that no temporary of it lives on in the rest of
/// the statement. The type that is expected of the value comes to its code by the first argument, so the value is
/// coerced as anywhere else.
#[inline(always)]
pub fn macro_value<T>(
    _: PhantomData<T>,
    value: impl FnOnce() -> NoReturnFromMacroUnlessTrusted<T>,
) -> T {
    value().0
}

/// The value of an await at the end of a body.
#[diagnostic::on_unimplemented(
    message = "the body of a lease must end in a `Result`, and this one ends in `{Self}`",
    label = "this is not a `Result`",
    note = "wrap it: `Ok(..)`"
)]
pub trait Outcome {
    /// The value in `Ok`.
    type Value;
    /// The error in `Err`.
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
    label = "this is not a `Result`",
    note = "name it: `#[handler(error = MyError)]`"
)]
pub trait Fallible {
    /// The error type.
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Error = E;
}

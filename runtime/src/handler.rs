//! The bounds that a lease in a handler must meet. Their errors show this module's name.

use crate::Error;

/// A lease's body whose awaits were checked. Nothing implements it: the attribute writes another call.
#[diagnostic::on_unimplemented(
    message = "this lease is outside a `#[handler]`, so nothing checks what it awaits",
    label = "a connection would be held across any `.await` in here",
    note = "add `#[shortlease::handler]` to this function",
    note = "already there? write the body in the call, as an async closure: `db.lease(async |conn| load(conn, 1).await)`",
    note = "and write the call outside of other macros, such as `select!`",
    note = "and `#[handler]` must be above attributes such as `#[debug_handler]`, which copy the body",
    note = "rule SL010: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl010"
)]
pub trait InHandler {}

/// The value of a call that ends a lease's body.
#[diagnostic::on_unimplemented(
    message = "the body of a lease ends in a call that is neither awaited nor a `Result`",
    label = "add `.await` here"
)]
pub trait Ended {
    #[doc(hidden)]
    type Value;
    #[doc(hidden)]
    type Error;
    #[doc(hidden)]
    fn result(self) -> Result<Self::Value, Self::Error>;
}

impl<T, E> Ended for Result<T, E> {
    type Value = T;
    type Error = E;

    fn result(self) -> Result<T, E> {
        self
    }
}

/// The error of a lease's body, which must hold those of the lease itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a lease's error type: it has no `From<shortlease::Error>`",
    label = "opening the lease may fail, so this type must hold that error too",
    note = "for a type of your own, implement it, or derive it with `thiserror`: `Database(#[from] shortlease::Error)`",
    note = "for a type of another crate, convert the error of the lease, `.await.map_err(..)`, or end the leases in one of your own, `#[handler(error = MyError)]`"
)]
pub trait LeaseError: From<Error> {}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> LeaseError for E {}

/// The error of a lease whose body ends in a call, which must hold those of the call, as with `?`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of this lease: it has no `From<{F}>`",
    label = "the body ends in a `{F}`",
    note = "for a type of your own, implement it, or derive it with `thiserror`: `Database(#[from] {F})`",
    note = "for a type of another crate, convert the error at the end of the body: `.await.map_err(..)`",
    note = "or name the error that the lease ends in: `async |conn| -> Result<_, shortlease::Error>`",
    note = "or, if an alias hides the error of the function, name that: `#[handler(error = MyError)]`"
)]
pub trait BodyError<F>: From<F> {}

#[diagnostic::do_not_recommend]
impl<F, E: From<F>> BodyError<F> for E {}

/// The error of a lease that is neither handed on by `?` nor returned: `shortlease::Error`, which must hold those of the call
/// that its body ends in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of this lease: it has no `From<{F}>`",
    label = "the body ends in a `{F}`",
    note = "to end in the error of the function, put `?` behind the lease, `db.lease(..).await?`, and use its value after that",
    note = "or name the error that the lease ends in: `async |conn| -> Result<_, {F}>`"
)]
pub trait OwnError<F>: From<F> {}

#[diagnostic::do_not_recommend]
impl<F, E: From<F>> OwnError<F> for E {}

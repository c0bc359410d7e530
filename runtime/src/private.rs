//! What the attributes' expansions name. Not for use by hand: a path written here is a promise to
//! the compiler that its awaits were checked.

use crate::DbFuture;
use crate::site::Site;

pub use crate::call::DbCall;
pub use crate::statement::Statement;
pub use core::module_path;
pub use std::boxed::Box;

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

/// The attribute's word that a body's awaits were checked, and where the body stands.
#[derive(Clone, Copy, Debug)]
pub struct Checked(pub(crate) Site);

/// The one way to a [`Checked`].
#[inline(always)]
#[track_caller]
pub const fn checked(module: &'static str, function: &'static str) -> Checked {
    Checked(Site::caller().within(module, function))
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

//! The attributes of shortlease: syntax only.
//!
//! `function` expands an attribute: `args` reads its arguments, and `item/` finds the functions and reads and rewrites their
//! signatures, with `types` and `error_type`. `walk/` goes over the bodies, which `tokens` has read: `syntax/` says what
//! stands there, and `rules/` holds the tables of names that SL002, SL004, SL005, SL006 and SL011 know. `parked` looks for
//! futures that a loop leaves half done. `error` gathers what is refused.

mod args;
mod error;
mod error_type;
mod function;
mod item;
mod parked;
mod rules;
mod syntax;
#[cfg(test)]
mod tests;
mod tokens;
mod types;
mod walk;

use proc_macro::TokenStream;

use crate::args::Role;

/// Lets a function open leases: `session.lease(async |conn| ..)` and
/// `session.transaction(async |tx| ..)`.
///
/// Every await in those bodies is then checked by its type: only database calls compile. The rest
/// of the function is left as it is, and a function without a lease comes out token for token.
///
/// A lease that is followed by `?`, returned, or at the end of the function or of an `async` block ends in the
/// function's error type, also if `.map(..)` or `.inspect(..)` comes between; any other ends in `shortlease::Error`, as the
/// short forms do; a body that names what it returns, `async |conn| -> Result<_, MyError> { .. }`, or a `let` that names it,
/// `let answer: Result<_, MyError> = ..`, decides for itself. A savepoint ends in the error of its transaction.
///
/// On an `async fn`, free or method, or a function that returns a boxed `async` block; on a whole
/// `impl`, `trait` or inline `mod` it applies to each function in it. Above other attributes that
/// rewrite the function, such as `#[tool]`.
///
/// # Arguments
///
/// - `error = MyError`: the error type of the leases that end in the function's, if the return type does not show it, as an
///   alias without parameters does not: `type ApiResult = Result<Json<Tool>, MyError>`.
/// - `trust(my_macro)`: macros to leave alone inside leases.
/// - `allow(SL004 = "reason")`: switches a rule off, with the reason. Only SL004, SL005, SL006 and
///   SL011.
/// - `crate = path`: the path to shortlease, if it is not `::shortlease`.
#[proc_macro_attribute]
pub fn handler(args: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(Role::Handler, args.into(), item.into()).into()
}

/// Lets a function run on its caller's lease: its own awaits are checked, and its future is a
/// database future.
///
/// Otherwise it is a function as any other. In particular, nothing converts the error of its last await: write `?`.
///
/// On an `async fn`, free or method, with a parameter of type `&mut Conn<_>`, `&mut Tx<_>` or
/// `&mut impl EitherConn<_>`, or with a `self` that has a connection in a field; on a whole `impl`,
/// `trait` or inline `mod` it applies to each function in it that has one. Below other attributes
/// that put the body into a future of their own: above, they see a function that is not async.
/// `#[tracing::instrument]` may also stand below.
///
/// # Arguments
///
/// - `boxed`: return a boxed future, for traits used as `dyn`.
/// - `on = storage`: the parameter that carries the lease, if its type does not show it: an alias, a structure, an option.
/// - `trust(my_macro)`: macros to leave alone.
/// - `allow(SL004 = "reason")`: switches a rule off, with the reason. Only SL004, SL005, SL006 and
///   SL011.
/// - `crate = path`: the path to shortlease, if it is not `::shortlease`.
#[proc_macro_attribute]
pub fn leased(args: TokenStream, item: TokenStream) -> TokenStream {
    function::expand(Role::Leased, args.into(), item.into()).into()
}

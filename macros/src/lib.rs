//! The attributes of shortlease: syntax only.
//!
//! An attribute travels `args` and `item` (parse), `check` (every mistake, at once) and `expand`
//! (which cannot fail). `model` says what a lease looks like in source, for both. Most handlers need
//! none of that: `plain` rewrites them in passing.

mod args;
mod attribute;
mod attributes;
mod blocking;
mod check;
mod doors;
mod errors;
mod expand;
mod hidden;
mod in_place;
mod item;
mod leased;
mod model;
mod pin;
mod plain;
mod sql;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

use crate::item::Role;

/// Lets a function open leases: `session.lease(async |conn| ..)` and
/// `session.transaction(async |tx| ..)`.
///
/// Every await in those bodies is then checked by its type: only database calls compile. The rest
/// of the function is left as it is, and a function without a lease comes out token for token.
///
/// On an `async fn`, free or method, or a function that returns a boxed `async` block; on a whole
/// `impl`, `trait` or inline `mod` it applies to each function in it. Above other attributes that
/// rewrite the function, such as `#[tool]`.
///
/// # Arguments
///
/// - `error = MyError`: the error type of the bodies, where the return type does not show it.
/// - `trust(my_macro)`: macros to leave alone inside of leases.
/// - `allow(SL004 = "why")`: switches a rule off, with the reason. Only SL004, SL005 and SL006.
/// - `crate = path`: where to find shortlease, if not at `::shortlease`.
#[proc_macro_attribute]
pub fn handler(args: TokenStream, item: TokenStream) -> TokenStream {
    #[cfg(not(test))]
    if args.is_empty()
        && let Some(expansion) = plain::handler(item.clone())
    {
        return expansion;
    }
    attribute::apply(Role::Handler, args.into(), item.into()).into()
}

/// Lets a function run on its caller's lease: its own awaits are checked, and its future is a
/// database future.
///
/// On an `async fn`, free or method, with a parameter of type `&mut Conn<_>` or `&mut Tx<_>`, or with
/// a `self` that has one in a field; on a whole `impl`, `trait` or inline `mod` it applies to each
/// function in it that has such a parameter. Below other attributes that put the body into a future of
/// their own, such as `#[tracing::instrument]`: above, they see a function that is not async.
///
/// # Arguments
///
/// - `boxed`: return a boxed future, for traits used as `dyn`.
/// - `trust(my_macro)`: macros to leave alone.
/// - `allow(SL004 = "why")`: switches a rule off, with the reason. Only SL004, SL005 and SL006.
/// - `crate = path`: where to find shortlease, if not at `::shortlease`.
#[proc_macro_attribute]
pub fn leased(args: TokenStream, item: TokenStream) -> TokenStream {
    attribute::apply(Role::Leased, args.into(), item.into()).into()
}

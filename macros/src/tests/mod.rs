//! The attributes, run in-process.

mod corpus;
mod golden;
mod grammar;
mod malformed;
mod plain;
mod refusals;

use proc_macro2::TokenStream;

use crate::attribute::apply;
use crate::item::Role;

/// As the attribute without arguments has it, which is the same by either way.
fn handler(item: TokenStream) -> TokenStream {
    plain::agreed(&item);
    apply(Role::Handler, TokenStream::new(), item)
}

fn leased(item: TokenStream) -> TokenStream {
    apply(Role::Leased, TokenStream::new(), item)
}

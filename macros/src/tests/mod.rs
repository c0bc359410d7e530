//! The attributes, run in-process.

mod corpus;
mod golden;
mod malformed;
mod refusals;

use proc_macro2::TokenStream;

use crate::attribute::apply;
use crate::item::Role;

fn handler(item: TokenStream) -> TokenStream {
    apply(Role::Handler, TokenStream::new(), item)
}

fn leased(item: TokenStream) -> TokenStream {
    apply(Role::Leased, TokenStream::new(), item)
}

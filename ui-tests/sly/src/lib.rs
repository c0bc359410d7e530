//! Attribute macros that want to await in a lease.

use proc_macro::TokenStream;

/// The item, and after it an await of something remote.
///
/// # Panics
/// Never: what it writes lexes.
#[proc_macro_attribute]
pub fn awaits(_: TokenStream, mut item: TokenStream) -> TokenStream {
    let remote = "shortlease_ui_tests::remote().await;";
    item.extend(remote.parse::<TokenStream>().expect("it lexes"));
    item
}

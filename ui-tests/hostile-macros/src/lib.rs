//! Macros that want to await in a lease.

use proc_macro::{Group, Punct, Spacing, TokenStream, TokenTree};

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

/// A call of the macro `register` of the crate it is in.
///
/// # Panics
/// Never: what it writes lexes.
#[proc_macro_derive(Registered)]
pub fn registered(_: TokenStream) -> TokenStream {
    "crate::register! {}".parse().expect("it lexes")
}

/// The item, with each `!` in it written as if another sign came right after it.
#[proc_macro_attribute]
pub fn joint(_: TokenStream, item: TokenStream) -> TokenStream {
    item.into_iter().map(joined).collect()
}

fn joined(token: TokenTree) -> TokenTree {
    match token {
        TokenTree::Punct(sign) if sign.as_char() == '!' => {
            let mut joint = Punct::new('!', Spacing::Joint);
            joint.set_span(sign.span());
            joint.into()
        }
        TokenTree::Group(group) => {
            let mut rebuilt =
                Group::new(group.delimiter(), group.stream().into_iter().map(joined).collect());
            rebuilt.set_span(group.span());
            rebuilt.into()
        }
        other => other,
    }
}

//! Macros that want to await in a lease.

use proc_macro::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};

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
    rebuilt(item, &|token| is_sign(token, '!').then(|| joined(token)))
}

/// The item, with the dot of `0.` written as if another sign came right after it.
#[proc_macro_attribute]
pub fn joint_dot(_: TokenStream, item: TokenStream) -> TokenStream {
    rebuilt(item, &|token| is_sign(token, '.').then(|| joined(token)))
}

/// The item, with each dot in it in a group without delimiters.
#[proc_macro_attribute]
pub fn grouped_dot(_: TokenStream, item: TokenStream) -> TokenStream {
    rebuilt(item, &|token| is_sign(token, '.').then(|| grouped(token)))
}

/// The item, with each `!` in it in a group without delimiters.
#[proc_macro_attribute]
pub fn grouped_bang(_: TokenStream, item: TokenStream) -> TokenStream {
    rebuilt(item, &|token| is_sign(token, '!').then(|| grouped(token)))
}

fn is_sign(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn joined(token: &TokenTree) -> TokenTree {
    let TokenTree::Punct(sign) = token else { return token.clone() };
    let mut joint = Punct::new(sign.as_char(), Spacing::Joint);
    joint.set_span(sign.span());
    joint.into()
}

fn grouped(token: &TokenTree) -> TokenTree {
    Group::new(Delimiter::None, token.clone().into()).into()
}

/// Writes the tokens anew, with others for some of them.
fn rebuilt(tokens: TokenStream, other: &impl Fn(&TokenTree) -> Option<TokenTree>) -> TokenStream {
    let write = |token: TokenTree| match (other(&token), token) {
        (Some(other), _) => other,
        (None, TokenTree::Group(group)) => {
            let mut written = Group::new(group.delimiter(), rebuilt(group.stream(), other));
            written.set_span(group.span());
            written.into()
        }
        (None, token) => token,
    };
    tokens.into_iter().map(write).collect()
}

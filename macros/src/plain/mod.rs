//! Handlers of the plain kind, rewritten token by token, without a syntax tree: cargo builds macros
//! without optimisation, and reading and printing trees is most of what an expansion would cost.
//!
//! What is plain is a short list. Whatever is not on it, and whatever might be a mistake, is left to
//! `check` and `expand`, which judge everything; where this answers, they would have answered the
//! same, which a test holds over every handler it can find.

mod around;
mod body;
mod head;
mod words;
mod write;

#[cfg(not(test))]
use proc_macro as pm;
// Outside of rustc there is no other; its tokens have the same names.
#[cfg(test)]
use proc_macro2 as pm;

use around::Around;
use pm::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// The expansion of a handler under an attribute without arguments; `None` where it is not plain.
pub(crate) fn handler(item: TokenStream) -> Option<TokenStream> {
    let mut item: Vec<TokenTree> = item.into_iter().collect();
    let head = head::read(&item)?;
    let Some(TokenTree::Group(block)) = item.pop() else { return None };
    item.push(match around::rewrite(block.stream(), &head, false)? {
        Around::NoLease => TokenTree::Group(block),
        Around::Leases(stream) => regroup(&block, stream),
    });
    Some(item.into_iter().collect())
}

/// A group with other tokens in it.
fn regroup(group: &Group, stream: TokenStream) -> TokenTree {
    let mut other = Group::new(group.delimiter(), stream);
    other.set_span(group.span());
    TokenTree::Group(other)
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

/// As `==`, which rustc's own identifiers lack.
fn is(ident: &Ident, name: &str) -> bool {
    let written = ident.to_string();
    written == name
}

//! Macro calls as they look in source, and the macros that are known by their names.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::quote;

use crate::rules::sql;
use crate::tokens::{self, ident, is_pair, is_punct};

/// `path::name!(..)`
pub(crate) struct MacroCall<'t> {
    pub(crate) path: Vec<TokenTree>,
    pub(crate) name: String,
    /// The path's last segment but one.
    pub(crate) of: Option<String>,
    pub(crate) segments: usize,
    pub(crate) bang: TokenTree,
    pub(crate) body: &'t Group,
}

impl MacroCall<'_> {
    pub(crate) fn span(&self) -> Span {
        self.path.last().map_or_else(Span::call_site, TokenTree::span)
    }

    pub(crate) fn written(&self) -> TokenStream {
        let (path, bang, body) = (&self.path, &self.bang, self.body);
        quote!(#(#path)* #bang #body)
    }

    /// Tells whether it may be a macro of std: another crate's is written with the crate, if at all.
    pub(crate) fn is_of_std(&self) -> bool {
        let of_std =
            self.of.as_ref().is_none_or(|of| ["std", "core", "alloc"].contains(&of.as_str()));
        of_std && self.segments <= 2
    }
}

/// The macros of std whose arguments may await, and are written by shortlease's path then: which of them are
/// evaluated, and when, is known.
pub(crate) fn is_function_like(name: &str) -> bool {
    matches!(
        name,
        "format"
            | "format_args"
            | "print"
            | "println"
            | "eprint"
            | "eprintln"
            | "write"
            | "writeln"
            | "assert"
            | "debug_assert"
            | "assert_eq"
            | "assert_ne"
            | "debug_assert_eq"
            | "debug_assert_ne"
            | "matches"
            | "vec"
            | "panic"
            | "todo"
            | "unimplemented"
            | "unreachable"
    )
}

/// Macros whose value borrows from their arguments, which no closure could return.
pub(crate) fn borrows(name: &str) -> bool {
    matches!(name, "pin" | "format_args")
}

/// Macros that give no place, whatever stands behind them.
pub(crate) fn gives_value(name: &str) -> bool {
    sql::is_macro(name)
        || name.starts_with("query_")
        || name.ends_with("_span")
        || matches!(
            name,
            "format"
                | "vec"
                | "json"
                | "matches"
                | "concat"
                | "stringify"
                | "env"
                | "line"
                | "file"
                | "anyhow"
                | "eyre"
                | "span"
        )
}

/// Macros that leave the function they stand in, by a panic or a `return`.
pub(crate) fn leaves(name: &str) -> bool {
    matches!(name, "panic" | "unreachable" | "todo" | "unimplemented" | "bail")
}

/// Macros that may return from the function they stand in.
pub(crate) fn returns(name: &str) -> bool {
    matches!(name, "bail" | "ensure")
}

/// Macros that run several futures at once, which one connection cannot.
pub(crate) fn is_concurrent(name: &str) -> bool {
    matches!(name, "join" | "try_join" | "select" | "select_biased")
}

/// Reads the macro call that tokens begin with, and where it ends.
pub(crate) fn read(tokens: &[TokenTree]) -> Option<(MacroCall<'_>, usize)> {
    let mut at = 0;
    let mut segments = Vec::new();
    loop {
        if is_pair(tokens, at, [':', ':']) {
            at += 2;
        }
        segments.push(ident(tokens.get(at))?.to_string());
        at += 1;
        if !is_pair(tokens, at, [':', ':']) {
            break;
        }
    }
    let name = segments.last()?.clone();
    if tokens::is_keyword(&name) || !is_punct(tokens.get(at), '!') {
        return None;
    }
    let TokenTree::Group(body) = tokens.get(at + 1)? else { return None };
    let of = segments.len().checked_sub(2).and_then(|of| segments.get(of)).cloned();
    let (path, bang) = (tokens[..at].to_vec(), tokens[at].clone());
    let call = MacroCall { path, name, of, segments: segments.len(), bang, body };
    Some((call, at + 2))
}

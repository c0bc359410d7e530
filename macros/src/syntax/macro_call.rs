//! Macro calls as they look in source, and the macros that are known by their names.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;

use super::{behind_path, is_keyword, segments};
use crate::rules::sql;
use crate::tokens::{Group, Token, is_punct, word};

/// `path::name!(..)`
pub(crate) struct MacroCall<'t> {
    pub(crate) path: &'t [Token],
    pub(crate) name: &'t str,
    pub(crate) bang: &'t Token,
    pub(crate) body: &'t Group,
}

/// The way in which the value of a macro call is used.
#[derive(Clone, Copy, Default)]
pub(crate) struct Used<'t> {
    /// True if it is a statement.
    pub(crate) alone: bool,
    /// True if it is written to or borrowed from.
    pub(crate) placed: bool,
    /// True if it, or a field of it, is written to.
    pub(crate) written: bool,
    /// True if it stands behind a `&`.
    pub(crate) lent: bool,
    /// The methods behind it, to the verb that runs it: only that says for which database it is.
    pub(crate) verb: &'t [Token],
}

impl<'t> MacroCall<'t> {
    /// Reads the macro call that tokens begin with.
    pub(crate) fn read(tokens: &'t [Token]) -> Option<Self> {
        let (path, [bang, Token::Group(body), ..]) = tokens.split_at(behind_path(tokens, 0)) else {
            return None;
        };
        let is_name = |name: &&str| !is_keyword(name) || matches!(*name, "async" | "dyn");
        let name = word(path.last()).filter(is_name)?;
        is_punct(Some(bang), '!').then_some(MacroCall { path, name, bang, body })
    }

    /// Returns how many tokens it is.
    pub(crate) fn len(&self) -> usize {
        self.path.len() + 2
    }

    pub(crate) fn span(&self) -> Span {
        self.path.last().map_or_else(Span::call_site, Token::span)
    }

    pub(crate) fn written(&self) -> TokenStream {
        self.with(&self.body.tree())
    }

    /// Returns the call with another body.
    pub(crate) fn with(&self, body: &TokenTree) -> TokenStream {
        let (path, bang) = (self.path, self.bang);
        quote!(#(#path)* #bang #body)
    }

    /// Tells whether it may be a macro of std: another crate's is written with the crate, if at all.
    pub(crate) fn is_of_std(&self) -> bool {
        matches!(segments(self.path)[..], [_] | ["std" | "core" | "alloc", _])
    }
}

/// The macros of std whose arguments may await, and are written by shortlease's path then: which of them are
/// evaluated, and when, is known.
pub(crate) fn is_function_like(name: &str) -> bool {
    [
        "format", "format_args", "print", "println", "eprint", "eprintln", "write", "writeln",
        "assert", "debug_assert", "assert_eq", "assert_ne", "debug_assert_eq", "debug_assert_ne",
        "matches", "vec", "panic", "todo", "unimplemented", "unreachable",
    ]
    .contains(&name)
}

/// Macros of std, tracing and log that declare nothing, so that one is a value also if it is a statement. A probe would
/// have rustc report a wrong argument of a text twice.
pub(crate) fn declares_nothing(call: &MacroCall<'_>) -> bool {
    const NAMES: [&str; 17] = [
        "print", "println", "eprint", "eprintln", "write", "writeln", "assert", "assert_eq",
        "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne", "trace", "debug",
        "info", "warn", "error",
    ];
    // These words have other meanings too.
    let named = matches!(segments(call.path)[..], ["tracing", "event"] | ["log", "log"]);
    named || NAMES.contains(&call.name)
}

/// Macros whose value borrows from their arguments, which no closure could return.
pub(crate) fn lends_arguments(name: &str) -> bool {
    matches!(name, "pin" | "format_args")
}

/// Macros that give no place, whatever stands behind them.
pub(crate) fn gives_value(call: &MacroCall<'_>) -> bool {
    let of_std = ["format", "vec", "matches", "concat", "stringify"];
    let known = of_std.contains(&call.name) && call.is_of_std();
    known || sql::is_macro(call.name) || matches!(call.name, "anyhow" | "eyre")
}

/// Macros that give no place as far as their names say.
pub(crate) fn seems_value(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "json", "env", "option_env", "cfg", "line", "column", "file", "module_path", "include_str",
        "include_bytes", "span",
    ];
    NAMES.contains(&name) || name.starts_with("query_") || name.ends_with("_span")
}

/// Macros that leave the function they stand in, by a panic or a `return`.
pub(crate) fn diverges(name: &str) -> bool {
    ["panic", "unreachable", "todo", "unimplemented", "bail"].contains(&name)
}

/// Macros that run several futures at once, which one connection cannot.
pub(crate) fn is_concurrent(name: &str) -> bool {
    ["join", "try_join", "select", "select_biased"].contains(&name)
}

//! The statements of a handler that neither a lease nor a rule is about stay unread: reading is most
//! of what an expansion costs, and cargo builds macros without optimisation.

use proc_macro2::TokenTree;
use syn::buffer::Cursor;
use syn::parse::ParseStream;
use syn::{Block, Expr, Stmt, Token};

/// The statements of a handler's body, the quiet ones verbatim.
pub(crate) fn parse_around(input: ParseStream<'_>) -> syn::Result<Vec<Stmt>> {
    let mut stmts = Vec::new();
    while !input.is_empty() {
        let (end, quiet) = stretch(input.cursor());
        if quiet {
            let tokens = input.step(|start| {
                let (mut at, mut tokens) = (*start, Vec::<TokenTree>::new());
                while at != end
                    && let Some((token, next)) = at.token_tree()
                {
                    tokens.push(token);
                    at = next;
                }
                Ok((tokens.into_iter().collect(), at))
            })?;
            stmts.push(Stmt::Expr(Expr::Verbatim(tokens), None));
            continue;
        }
        if end.eof() {
            stmts.extend(input.call(Block::parse_within)?);
        }
        while input.cursor() != end && !input.is_empty() {
            stmts.push(match input.parse::<Option<Token![;]>>()? {
                None => input.parse()?,
                stray => Stmt::Expr(Expr::Verbatim(Default::default()), stray),
            });
        }
    }
    Ok(stmts)
}

/// Up to the next semicolon, and whether all of it is quiet.
fn stretch(mut at: Cursor<'_>) -> (Cursor<'_>, bool) {
    let mut quiet = true;
    loop {
        quiet &= !speaks(at);
        match at.punct() {
            Some((punct, next)) if punct.as_char() == ';' => return (next, quiet),
            _ => match at.token_tree() {
                Some((_, next)) => at = next,
                None => return (at, quiet),
            },
        }
    }
}

/// Whether the next token is a word that `check` or `expand` look for in a handler, or has one in it.
fn speaks(at: Cursor<'_>) -> bool {
    // First: a group without delimiters, as `$body:expr` is, would be taken for its first word.
    if let Some((mut inner, ..)) = at.any_group() {
        while !inner.eof() {
            if speaks(inner) {
                return true;
            }
            match inner.token_tree() {
                Some((_, next)) => inner = next,
                None => return false,
            }
        }
        return false;
    }
    if let Some((word, _)) = at.ident() {
        return matches!(
            word.to_string().as_str(),
            "lease"
                | "transaction"
                | "savepoint"
                | "acquire"
                | "try_acquire"
                | "begin"
                | "try_begin"
                | "begin_with"
                | "try_begin_with"
                | "execute"
                | "fetch"
                | "fetch_all"
                | "fetch_one"
                | "fetch_optional"
        );
    }
    false
}

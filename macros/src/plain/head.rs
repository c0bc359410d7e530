//! All of a function but its body.

use super::pm::{Delimiter, Spacing, TokenStream, TokenTree};
use super::words::{Word, word};
use super::{is, is_group, is_punct};

/// The error type in `async fn name(..) -> Result<_, Error> { .. }`, where nothing about the signature
/// asks for a closer look.
pub(super) fn error_type(item: &[TokenTree]) -> Option<Vec<TokenTree>> {
    let mut at = 0;
    while is_punct(item.get(at), '#') {
        at += 2;
    }
    let mut is_async = false;
    loop {
        match item.get(at)? {
            TokenTree::Ident(ident) => match ident.to_string().as_bytes() {
                b"pub" => {}
                b"async" => is_async = true,
                b"fn" if is_async => break,
                _ => return None,
            },
            // `pub(crate)`
            TokenTree::Group(_) => {}
            _ => return None,
        }
        at += 1;
    }
    at += 2;
    if is_punct(item.get(at), '<') {
        at = generics(item, at)?;
    }
    let TokenTree::Group(parameters) = item.get(at)? else { return None };
    if parameters.delimiter() != Delimiter::Parenthesis || names_a_door(parameters.stream()) {
        return None;
    }
    if !is_punct(item.get(at + 1), '-') || !is_punct(item.get(at + 2), '>') {
        return None;
    }
    result(&item[at + 3..])
}

/// Past `<..>`, where it is simple.
fn generics(item: &[TokenTree], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match item.get(at)? {
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => depth += 1,
                '>' => depth -= 1,
                '-' => return None,
                _ => {}
            },
            TokenTree::Ident(_) => {}
            _ => return None,
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn names_a_door(parameters: TokenStream) -> bool {
    for token in parameters {
        let found = match token {
            TokenTree::Ident(ident) => word(&ident.to_string()) == Word::Door,
            TokenTree::Group(group) => names_a_door(group.stream()),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// `Error` in `Result<_, Error> { .. }`, which must be all there is.
fn result(tokens: &[TokenTree]) -> Option<Vec<TokenTree>> {
    let (mut depth, mut commas, mut start, mut end) = (0_usize, 0, 0, 0);
    let mut at = 0;
    while at + 1 < tokens.len() {
        // After the last `>`.
        if end > 0 {
            return None;
        }
        let before = tokens.get(at.wrapping_sub(1));
        match &tokens[at] {
            TokenTree::Ident(ident) => match ident.to_string().as_bytes() {
                b"impl" | b"where" | b"_" => return None,
                b"dyn" if depth == 0 => return None,
                _ => {}
            },
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' if depth > 0 || is_result(before) => depth += 1,
                '>' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        end = at;
                    }
                }
                ',' if depth == 1 => {
                    commas += 1;
                    start = at + 1;
                }
                // Of a path.
                ':' if punct.spacing() == Spacing::Joint || is_punct(before, ':') => {}
                // Of a type: what begins with it otherwise is a lifetime.
                '&' | '*' | '+' | '!' | ',' if depth > 0 => {}
                '\'' if depth > 0 && at > start => {}
                _ => return None,
            },
            TokenTree::Group(group) if depth > 0 && group.delimiter() != Delimiter::Brace => {}
            _ => return None,
        }
        at += 1;
    }
    let body = is_group(tokens.last(), Delimiter::Brace);
    (body && commas == 1 && start < end).then(|| tokens[start..end].to_vec())
}

fn is_result(name: Option<&TokenTree>) -> bool {
    matches!(name, Some(TokenTree::Ident(name)) if is(name, "Result"))
}

//! All of a function but its body.

use super::pm::{Delimiter, Spacing, TokenStream, TokenTree};
use super::words::{Word, word};
use super::{is_group, is_punct, write};

/// The error type of the leases in `async fn name(..) -> Output { .. }`, where nothing about the signature
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
    let (body, output) = item.get(at + 1..)?.split_last()?;
    if !is_group(Some(body), Delimiter::Brace) {
        return None;
    }
    match output {
        [] => Some(write::unknown_error()),
        [arrow, head, output @ ..] if is_punct(Some(arrow), '-') && is_punct(Some(head), '>') => {
            of_output(output)
        }
        _ => None,
    }
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
            TokenTree::Ident(ident) if word(&ident.to_string()) != Word::Door => {}
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

/// The error in `path::to::Output<..>`: of a `Result`, of an alias of one, or of no handler's own.
fn of_output(output: &[TokenTree]) -> Option<Vec<TokenTree>> {
    let (mut depth, mut arguments, mut start, mut end) = (0_usize, 0, 0, None);
    let mut name = String::new();
    for (at, token) in output.iter().enumerate() {
        // After the last `>`.
        if end.is_some() {
            return None;
        }
        let before = output.get(at.wrapping_sub(1));
        match token {
            TokenTree::Ident(ident) if depth == 0 => {
                name = ident.to_string();
                let begins = before.is_none() || is_punct(before, ':');
                if !begins || matches!(word(&name), Word::Item | Word::Notable) {
                    return None;
                }
            }
            TokenTree::Ident(ident) => match ident.to_string().as_bytes() {
                b"impl" | b"_" => return None,
                _ => {}
            },
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' if depth == 0 => {
                    if !matches!(before, Some(TokenTree::Ident(_))) {
                        return None;
                    }
                    (depth, arguments, start) = (1, 1, at + 1);
                }
                '<' => depth += 1,
                '>' => {
                    depth = depth.checked_sub(1)?;
                    end = (depth == 0).then_some(at);
                }
                ',' if depth == 1 => {
                    arguments += 1;
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
    }
    let end = end.unwrap_or(output.len());
    let last = output.get(start..end).filter(|last| !last.is_empty())?;
    match name.as_str() {
        "Pin" | "Box" => None,
        name if name.ends_with("BoxFuture") => None,
        "Result" if arguments == 2 => Some(last.to_vec()),
        name if name == "Result" || (name.ends_with("Result") && arguments > 0) => {
            Some(write::error_of(output))
        }
        _ => Some(write::unknown_error()),
    }
}

//! All of a function but its body.

use super::pm::{Delimiter, TokenStream, TokenTree};
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

/// The error in `path::to::Output<..>`: of a `Result`, of an alias of one, or of no handler's own.
fn of_output(output: &[TokenTree]) -> Option<Vec<TokenTree>> {
    let (mut depth, mut arguments, mut start, mut end) = (0_usize, 0, 0, None);
    let mut name = String::new();
    for (at, token) in output.iter().enumerate() {
        // After the last `>`.
        if end.is_some() {
            return None;
        }
        match token {
            TokenTree::Ident(ident) => {
                let written = ident.to_string();
                let lifetime = is_punct(output.get(at.wrapping_sub(1)), '\'');
                let noted = matches!(word(&written), Word::Item | Word::Notable);
                if noted && !lifetime || written == "_" {
                    return None;
                }
                if depth == 0 {
                    name = written;
                }
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' => {
                    depth += 1;
                    if depth == 1 {
                        (arguments, start) = (1, at + 1);
                    }
                }
                '>' => {
                    depth = depth.checked_sub(1)?;
                    end = (depth == 0).then_some(at);
                }
                ',' if depth == 1 => {
                    arguments += 1;
                    start = at + 1;
                }
                ':' => {}
                ',' | '&' | '\'' if depth > 0 => {}
                _ => return None,
            },
            TokenTree::Group(_) if depth > 0 => {}
            _ => return None,
        }
    }
    let end = end.unwrap_or(output.len());
    let last = output.get(start..end).filter(|last| !last.is_empty())?;
    let lifetime = is_punct(last.first(), '\'');
    match name.as_str() {
        "Pin" | "Box" => None,
        name if name.ends_with("BoxFuture") => None,
        "Result" if arguments == 2 => (!lifetime).then(|| last.to_vec()),
        name if name == "Result" || (name.ends_with("Result") && arguments > 0) => {
            Some(write::error_of(output))
        }
        _ => Some(write::unknown_error()),
    }
}

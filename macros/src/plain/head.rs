//! All of a function but its body.

use super::pm::{Delimiter, Spacing, TokenTree};
use super::words::{Word, word};
use super::{is_group, is_punct, write};

/// What every lease of `async fn name(..) -> Output { .. }` shares.
pub(super) struct Head {
    /// Their error type.
    pub(super) error: Vec<TokenTree>,
    pub(super) name: String,
    /// Whether it is a method, with a `self`.
    pub(super) method: bool,
}

/// Where nothing about the signature asks for a closer look.
pub(super) fn read(item: &[TokenTree]) -> Option<Head> {
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
    at += 1;
    let TokenTree::Ident(name) = item.get(at)? else { return None };
    let name = name.to_string().trim_start_matches("r#").to_owned();
    at += 1;
    if is_punct(item.get(at), '<') {
        at = generics(item, at)?;
    }
    let TokenTree::Group(parameters) = item.get(at)? else { return None };
    if parameters.delimiter() != Delimiter::Parenthesis {
        return None;
    }
    let parameters: Vec<TokenTree> = parameters.stream().into_iter().collect();
    let method = begins_with_self(&parameters);
    if names_a_door(parameters) {
        return None;
    }
    let (body, output) = item.get(at + 1..)?.split_last()?;
    if !is_group(Some(body), Delimiter::Brace) {
        return None;
    }
    let error = match output {
        [] => write::unknown_error(),
        [arrow, head, output @ ..] if is_punct(Some(arrow), '-') && is_punct(Some(head), '>') => {
            of_output(output)?
        }
        _ => return None,
    };
    Some(Head { error, name, method })
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

/// Whether the first parameter is a `self`, and no path that begins with one.
fn begins_with_self(parameters: &[TokenTree]) -> bool {
    for (at, token) in parameters.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) => match ident.to_string().as_str() {
                "self" => return !is_path(parameters.get(at + 1)),
                "mut" => {}
                _ if is_punct(parameters.get(at.wrapping_sub(1)), '\'') => {}
                _ => return false,
            },
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {}
            TokenTree::Punct(punct) if matches!(punct.as_char(), '#' | '&' | '\'') => {}
            _ => return false,
        }
    }
    false
}

fn is_path(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Punct(colon)) if colon.as_char() == ':' && colon.spacing() == Spacing::Joint)
}

fn names_a_door(parameters: impl IntoIterator<Item = TokenTree>) -> bool {
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

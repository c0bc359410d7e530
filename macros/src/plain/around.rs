//! The code of a handler around its leases.

use super::body;
use super::head::Head;
use super::pm::{Delimiter, Group, TokenStream, TokenTree};
use super::words::{Word, word};
use super::write::Lease;
use super::{is, is_group, is_punct, regroup};
use crate::model::Lending;

/// Plain code.
pub(super) enum Around {
    NoLease,
    /// With each lease in it rewritten.
    Leases(TokenStream),
}

/// What becomes of code around leases; `None` where it is not plain.
///
/// In a macro's arguments a lease is nothing that the attribute could see.
pub(super) fn rewrite(stream: TokenStream, head: &Head, within_macro: bool) -> Option<Around> {
    let tokens = stream.into_iter();
    let mut out: Vec<TokenTree> = Vec::with_capacity(tokens.size_hint().0);
    let mut changed = false;
    // What the next tokens must be the await of.
    let mut lease: Option<Lease> = None;
    let mut named: Option<Lending> = None;
    for token in tokens {
        if let Some(opened) = lease.take() {
            match &token {
                TokenTree::Punct(dot) if dot.as_char() == '.' && !is_punct(out.last(), '.') => {
                    out.push(token);
                    lease = Some(opened);
                }
                TokenTree::Ident(ident) if is_punct(out.last(), '.') && is(ident, "await") => {
                    out.pop();
                    opened.awaited(token, head, &mut out);
                    changed = true;
                }
                _ => return None,
            }
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                if let Some(lending) = named.take() {
                    if within_macro || group.delimiter() != Delimiter::Parenthesis {
                        return None;
                    }
                    lease = Some(open(&mut out, lending, &group)?);
                    continue;
                }
                if group.delimiter() == Delimiter::None {
                    return None;
                }
                // `name!(..)`, and `#[..]`, which looks the same to a lease.
                let within = within_macro
                    || is_punct(out.last(), '!')
                    || is_punct(out.last(), '#')
                    || is_named_macro(&out);
                match rewrite(group.stream(), head, within)? {
                    Around::NoLease => out.push(TokenTree::Group(group)),
                    Around::Leases(stream) => {
                        out.push(regroup(&group, stream));
                        changed = true;
                    }
                }
                continue;
            }
            TokenTree::Ident(ident) => {
                if named.is_some() {
                    return None;
                }
                let method = is_punct(out.last(), '.');
                let of_path = is_punct(out.last(), ':');
                if method || of_path || may_begin_item(out.last()) {
                    match word(&ident.to_string()) {
                        Word::Door if of_path => return None,
                        Word::Item if !of_path => return None,
                        Word::Lease if method => named = Some(Lending::Lease),
                        Word::Transaction if method => named = Some(Lending::Transaction),
                        Word::Verb | Word::Fetch | Word::Door | Word::Notable if method => {
                            return None;
                        }
                        _ => {}
                    }
                }
                out.push(TokenTree::Ident(ident));
            }
            token => {
                if named.is_some() {
                    return None;
                }
                out.push(token);
            }
        }
    }
    if lease.is_some() || named.is_some() {
        return None;
    }
    Some(match changed {
        false => Around::NoLease,
        true => Around::Leases(out.into_iter().collect()),
    })
}

/// Whether a macro that is given a name, as in `macro_rules! name { .. }`, ends here.
fn is_named_macro(out: &[TokenTree]) -> bool {
    matches!(out, [.., TokenTree::Punct(bang), TokenTree::Ident(_)] if bang.as_char() == '!')
}

/// Whether a word may be the first of an item, or follow the first.
fn may_begin_item(last: Option<&TokenTree>) -> bool {
    match last {
        Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
        _ => true,
    }
}

/// Takes `receiver.lease` off the end, for the lease that the group is about.
fn open(out: &mut Vec<TokenTree>, lending: Lending, arguments: &Group) -> Option<Lease> {
    let TokenTree::Ident(method) = out.pop()? else { return None };
    out.pop();
    let receiver = out.split_off(receiver(out)?);
    body::lease(receiver, (lending, method), arguments.stream())
}

/// Where `name.field.method(..)` at the end begins.
fn receiver(out: &[TokenTree]) -> Option<usize> {
    let mut at = out.len();
    loop {
        if is_group(out.get(at.checked_sub(1)?), Delimiter::Parenthesis) {
            at -= 1;
        }
        at = at.checked_sub(1)?;
        let TokenTree::Ident(name) = &out[at] else { return None };
        if word(&name.to_string()) != Word::Other {
            return None;
        }
        if at == 0 {
            return Some(at);
        }
        match &out[at - 1] {
            TokenTree::Punct(dot) if dot.as_char() == '.' => at -= 1,
            // A label, and no name.
            TokenTree::Punct(quote) if quote.as_char() == '\'' => return None,
            // A path, or a field's name before the value that begins here.
            TokenTree::Punct(colon) if colon.as_char() == ':' => {
                return (!is_punct(out.get(at.wrapping_sub(2)), ':')).then_some(at);
            }
            // A semicolon was forgotten.
            TokenTree::Punct(question) if question.as_char() == '?' => return None,
            TokenTree::Punct(_) => return Some(at),
            TokenTree::Ident(keyword) => return precedes(&keyword.to_string()).then_some(at),
            // What has ended a statement.
            TokenTree::Group(group) => {
                return (group.delimiter() == Delimiter::Brace).then_some(at);
            }
            TokenTree::Literal(_) => return None,
        }
    }
}

/// Whether a keyword may stand before an expression; after any other word it would be a call.
fn precedes(word: &str) -> bool {
    matches!(word, "return" | "break" | "match" | "if" | "while" | "in" | "mut")
}

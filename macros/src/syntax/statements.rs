//! Finds the ends of statements, items and the arms of a `match`.

use proc_macro2::Delimiter;

use crate::syntax::{
    self, behind_parameters, behind_path, is_block_keyword, is_keyword, past_path_generics,
};
use crate::tokens::{Token, group, is_colon, is_pair, is_punct, is_word, word};

/// Returns the index behind the statement that begins at `from`.
pub(crate) fn behind_statement(tokens: &[Token], from: usize) -> usize {
    let start = behind_attributes(tokens, from);
    if let Some(fragment) = statement_of_fragment(tokens.get(start))
        && !goes_on(tokens, start + 1)
    {
        let closes = is_open_let(fragment) && is_punct(tokens.get(start + 1), ';');
        return start + 1 + usize::from(closes);
    }
    behind_qualified_item(tokens, start)
        .or_else(|| behind_block_like(tokens, start))
        .or_else(|| behind_macro(tokens, start))
        .unwrap_or_else(|| behind_semicolon(tokens, start))
}

/// Returns the tokens of a fragment of a macro that is a statement by itself: an item, a macro call, a block or a choice.
pub(crate) fn statement_of_fragment(token: Option<&Token>) -> Option<&[Token]> {
    let tokens = group(token, Delimiter::None)?.tokens();
    let start = behind_attributes(tokens, 0);
    let behind = behind_qualified_item(tokens, start)
        .or_else(|| behind_macro(tokens, start))
        .or_else(|| behind_block_like(tokens, start));
    (behind == Some(tokens.len()) || is_punct(tokens.last(), ';') || is_open_let(tokens))
        .then_some(tokens)
}

/// Tells whether a fragment is a `let` without its semicolon.
pub(crate) fn is_open_let(fragment: &[Token]) -> bool {
    let start = behind_attributes(fragment, 0);
    is_word(fragment.get(start), "let") && !is_punct(fragment.last(), ';')
}

/// Tells whether a fragment of a macro is an expression, which binds as its macro meant it only in parentheses. A path
/// needs none, and a statement has none.
pub(crate) fn is_expression(fragment: &[Token]) -> bool {
    let start = behind_attributes(fragment, 0);
    let statement = is_word(fragment.get(start), "let")
        || is_punct(fragment.last(), ';')
        || behind_qualified_item(fragment, start) == Some(fragment.len());
    !statement && behind_path(fragment, 0) < fragment.len()
}

/// Tells whether braces behind an operand hold the fields of a struct: `name`, `name: ..`, `0: ..` or `..base` comes first.
pub(crate) fn has_fields(tokens: &[Token]) -> bool {
    let first = &tokens[behind_attributes(tokens, 0)..];
    let named = first.len() < 2 || is_colon(first, 1) || is_punct(first.get(1), ',');
    let base = is_pair(first, 0, ['.', '.']);
    (named || base) && !tokens.iter().any(|token| is_punct(Some(token), ';'))
}

/// Tells whether a block is more than the expression that it ends in.
pub(crate) fn has_statements(block: &[Token]) -> bool {
    behind_statement(block, 0) < block.len()
}

/// Returns the index behind the value of an arm: at its comma, or behind its block.
pub(crate) fn behind_arm(tokens: &[Token], from: usize) -> usize {
    if let Some(end) = behind_block_like(tokens, from) {
        return end;
    }
    let mut at = from;
    while at < tokens.len() && !is_punct(tokens.get(at), ',') {
        // The commas of a closure's parameters, and those of `<T as Trait<A, B>>::f`, end nothing.
        at = match tokens.get(at) {
            Some(Token::Sign(sign)) if at == from || !ends_operand(&tokens[at - 1]) => {
                match sign.as_char() {
                    '|' => behind_parameters(tokens, at).unwrap_or(at + 1),
                    '<' => behind_path(tokens, at).max(at + 1),
                    _ => past_path_generics(tokens, at),
                }
            }
            _ => past_path_generics(tokens, at),
        };
    }
    at
}

/// Tells whether a token may be the last one of an operand. If in doubt, it is.
fn ends_operand(token: &Token) -> bool {
    match token {
        Token::Word(_, word) => !is_keyword(word),
        Token::Sign(sign) => matches!(sign.as_char(), '?' | '>'),
        Token::Literal(_) | Token::Group(_) => true,
    }
}

/// Tells whether an expression would be cut into several statements if it were written as one.
pub(crate) fn is_cut(expression: &[Token]) -> bool {
    behind_block_like(expression, 0).is_some_and(|behind| behind < expression.len())
}

pub(crate) fn behind_attributes(tokens: &[Token], mut at: usize) -> usize {
    while is_punct(tokens.get(at), '#') && group(tokens.get(at + 1), Delimiter::Bracket).is_some() {
        at += 2;
    }
    at
}

/// Tells whether an item could come next, on which an attribute may be any macro.
pub(crate) fn begins_item(tokens: &[Token], at: usize) -> bool {
    !matches!(
        word(tokens.get(at)),
        Some("let" | "if" | "match" | "loop" | "while" | "for" | "return")
    )
}

/// Returns the index behind an item whose code does not run here: a function, a constant, a type, a module.
fn behind_item(tokens: &[Token], at: usize) -> Option<usize> {
    let named = |name: usize| word(tokens.get(name)).is_some() && is_colon(tokens, name + 1);
    let pointer = at.checked_sub(1).is_some_and(|before| is_punct(tokens.get(before), '*'));
    match word(tokens.get(at))? {
        "fn" if word(tokens.get(at + 1)).is_some() => Some(behind_braces(tokens, at)),
        "struct" | "enum" | "impl" | "trait" | "mod" => Some(behind_braces(tokens, at)),
        // Elsewhere it may be a variable.
        "union"
            if word(tokens.get(at + 1)).is_some_and(|name| !syntax::is_keyword(name))
                && (is_punct(tokens.get(at + 2), '<')
                    || is_word(tokens.get(at + 2), "where")
                    || group(tokens.get(at + 2), Delimiter::Brace).is_some()) =>
        {
            Some(behind_braces(tokens, at))
        }
        "extern" => {
            let block = at + 1 + usize::from(matches!(tokens.get(at + 1), Some(Token::Literal(_))));
            group(tokens.get(block), Delimiter::Brace).map(|_| block + 1)
        }
        "use" | "type" => Some(behind_semicolon(tokens, at)),
        "const" if named(at + 1) && !pointer => Some(behind_semicolon(tokens, at)),
        "static" if named(at + 1) || is_word(tokens.get(at + 1), "mut") && named(at + 2) => {
            Some(behind_semicolon(tokens, at))
        }
        _ => None,
    }
}

fn behind_braces(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        if is_punct(Some(token), ';') || group(Some(token), Delimiter::Brace).is_some() {
            return at + 1;
        }
        at = syntax::past(tokens, at);
    }
    at
}

fn behind_semicolon(tokens: &[Token], at: usize) -> usize {
    let semicolon = tokens[at..].iter().position(|token| is_punct(Some(token), ';'));
    semicolon.map_or(tokens.len(), |len| at + len + 1)
}

/// Returns the index behind the item that begins at `from`, where nothing else stands.
pub(crate) fn behind_any_item(tokens: &[Token], from: usize) -> usize {
    let start = behind_attributes(tokens, from);
    behind_qualified_item(tokens, start).unwrap_or_else(|| behind_braces(tokens, start))
}

/// Like [`behind_item`], with the words before the item's own word: `pub(crate) unsafe extern "C" fn`.
pub(crate) fn behind_qualified_item(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        if let Some(behind) = behind_item(tokens, at) {
            return Some(behind);
        }
        let qualifies = match tokens.get(at)? {
            Token::Word(_, word) => {
                matches!(word.as_str(), "pub" | "unsafe" | "async" | "extern" | "const")
            }
            Token::Literal(_) => at > from,
            Token::Group(group) => at > from && group.delimiter() == Delimiter::Parenthesis,
            Token::Sign(_) => false,
        };
        if !qualifies {
            return None;
        }
        at += 1;
    }
}

/// Returns the index behind a macro call in braces, which is a statement without a semicolon.
fn behind_macro(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = behind_path(tokens, from);
    if at == from || !is_punct(tokens.get(at), '!') {
        return None;
    }
    at += 1;
    // `macro_rules! name { .. }`
    at += usize::from(word(tokens.get(at)).is_some());
    group(tokens.get(at), Delimiter::Brace)?;
    at += 1;
    (!goes_on(tokens, at)).then(|| at + usize::from(is_punct(tokens.get(at), ';')))
}

/// Returns the index behind an expression that is a statement without a semicolon: a block, a loop, a choice.
fn behind_block_like(tokens: &[Token], from: usize) -> Option<usize> {
    block_like(tokens, from).filter(|at| !goes_on(tokens, *at))
}

/// Tells whether a statement begins as one that ends in a block, and the block cannot be told.
pub(crate) fn is_doubtful(tokens: &[Token]) -> bool {
    let begins = match word(tokens.first()) {
        Some(word) => is_block_keyword(word) || word == "extern",
        None => is_punct(tokens.first(), '\''),
    };
    begins && block_like(tokens, 0).is_none()
}

fn block_like(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    if is_punct(tokens.get(at), '\'') && is_punct(tokens.get(at + 2), ':') {
        at += 3;
    }
    let block = |at: usize| group(tokens.get(at), Delimiter::Brace).map(|_| at + 1);
    at = match word(tokens.get(at)) {
        Some("if") => {
            at = block_of_condition(tokens, at + 1)? + 1;
            while is_word(tokens.get(at), "else") {
                at = match is_word(tokens.get(at + 1), "if") {
                    true => block_of_condition(tokens, at + 2)? + 1,
                    false => block(at + 1)?,
                };
            }
            at
        }
        Some("match" | "while" | "for") => block_of_condition(tokens, at + 1)? + 1,
        Some("loop" | "unsafe" | "const") => block(at + 1)?,
        _ => block(at)?,
    };
    Some(at)
}

/// Tells whether an expression that could end here goes on with a call or a `?`.
fn goes_on(tokens: &[Token], at: usize) -> bool {
    let dot = is_punct(tokens.get(at), '.') && !is_pair(tokens, at, ['.', '.']);
    dot || is_punct(tokens.get(at), '?')
}

/// Returns the index of the block behind a condition, a scrutinee or an iterator.
fn block_of_condition(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    // Expressions within it that end in a block of their own.
    let mut pending = 0_usize;
    if is_word(tokens.get(from.checked_sub(1)?), "for") {
        at += tokens[at..].iter().position(|token| is_word(Some(token), "in"))?;
    }
    loop {
        match tokens.get(at)? {
            Token::Word(_, word) if word == "let" => {
                at = syntax::equals(tokens, at + 1);
                continue;
            }
            Token::Word(_, word) => {
                let behind_move = at + 1 + usize::from(is_word(tokens.get(at + 1), "move"));
                let brace = |at: usize| group(tokens.get(at), Delimiter::Brace).is_some();
                let opens = match word.as_str() {
                    "async" => brace(behind_move),
                    "else" => !is_word(tokens.get(at + 1), "if"),
                    // Elsewhere they are of types.
                    "unsafe" | "loop" => brace(at + 1),
                    "for" => !syntax::is_binder(tokens, at),
                    word => is_block_keyword(word),
                };
                pending += usize::from(opens);
            }
            Token::Group(group) if group.delimiter() == Delimiter::Brace => {
                let closure = is_punct(tokens.get(at - 1), '|');
                if pending == 0 && !closure {
                    return Some(at);
                }
                pending = pending.saturating_sub(1);
            }
            _ => {}
        }
        at += 1;
    }
}

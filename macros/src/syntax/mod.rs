//! Rust's syntax, as far as tokens show it: keywords, generics, paths, arguments, operators.

use proc_macro2::{Delimiter, Ident};

use crate::tokens::{Group, Token, group, is_joint, is_lone, is_pair, is_punct, is_word, word};

pub(crate) mod fragments;
pub(crate) mod lease_call;
pub(crate) mod macro_call;
pub(crate) mod scope;
pub(crate) mod statements;

/// Tells whether a word cannot end or be an operand.
pub(crate) fn is_keyword(word: &str) -> bool {
    // In their order.
    const KEYWORDS: [&str; 32] = [
        "as", "async", "break", "const", "continue", "dyn", "else", "enum", "extern", "fn", "for",
        "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
        "static", "struct", "trait", "type", "unsafe", "use", "where", "while", "yield",
    ];
    KEYWORDS.binary_search(&word).is_ok()
}

/// Tells whether a keyword begins an expression or an item, and so cannot come behind an operand.
pub(crate) fn begins(word: &str) -> bool {
    const WITHIN: [&str; 12] =
        ["as", "async", "const", "dyn", "else", "if", "in", "move", "mut", "ref", "where", "yield"];
    is_keyword(word) && !WITHIN.contains(&word)
}

/// Tells whether a word begins an expression that ends in a block.
pub(crate) fn is_block_keyword(word: &str) -> bool {
    has_condition(word) || matches!(word, "loop" | "unsafe")
}

/// Tells whether an expression comes between this word and its block, in which no struct is written.
pub(crate) fn has_condition(word: &str) -> bool {
    matches!(word, "if" | "match" | "while" | "for")
}

/// Tells whether these tokens are an expression of branches, which end where it does.
pub(crate) fn is_branching(tokens: &[Token]) -> bool {
    let first = matches!(word(tokens.first()), Some("if" | "match" | "unsafe"))
        || group(tokens.first(), Delimiter::Brace).is_some();
    first && group(tokens.last(), Delimiter::Brace).is_some()
}

/// Tells whether a `for<'a>` of a type begins here. A loop may begin with `for <T as Trait>::PATTERN`.
pub(crate) fn is_binder(tokens: &[Token], at: usize) -> bool {
    let lifetime = is_punct(tokens.get(at + 2), '\'') || is_punct(tokens.get(at + 2), '>');
    is_word(tokens.get(at), "for") && is_punct(tokens.get(at + 1), '<') && lifetime
}

/// Tells whether an async closure begins here.
pub(crate) fn is_async_closure(tokens: &[Token]) -> bool {
    let bar = 1 + usize::from(is_word(tokens.get(1), "move"));
    is_word(tokens.first(), "async") && is_punct(tokens.get(bar), '|')
}

/// Returns the index behind the `>` that closes the `<` at `at`, or `None` if nothing does.
fn behind_generics(tokens: &[Token], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (nth, token) in tokens.iter().enumerate().skip(at) {
        let Token::Sign(sign) = token else { continue };
        match sign.as_char() {
            '<' => depth += 1,
            '>' => {
                // Not of `->` and `=>`.
                let arrow = nth.checked_sub(1).is_some_and(|before| {
                    is_pair(tokens, before, ['-', '>']) || is_pair(tokens, before, ['=', '>'])
                });
                depth = depth.checked_sub(usize::from(!arrow))?;
                if depth == 0 {
                    return Some(nth + 1);
                }
            }
            ';' => return None,
            _ => {}
        }
    }
    None
}

/// Returns the index behind the generics that stand at `at`, or behind one token.
pub(crate) fn past(tokens: &[Token], at: usize) -> usize {
    let generics = is_punct(tokens.get(at), '<').then(|| behind_generics(tokens, at));
    generics.flatten().unwrap_or(at + 1).min(tokens.len())
}

/// Returns the index behind the `::<..>` of a call that stands at `at`: `at` if there is none.
pub(crate) fn behind_turbofish(tokens: &[Token], at: usize) -> usize {
    let generics = is_pair(tokens, at, [':', ':']) && is_punct(tokens.get(at + 2), '<');
    generics.then(|| behind_generics(tokens, at + 2)).flatten().unwrap_or(at)
}

/// Returns the index behind one token, or behind a `::` and the generics that follow it: commas in those end nothing.
pub(crate) fn past_path_generics(tokens: &[Token], at: usize) -> usize {
    match is_pair(tokens, at, [':', ':']) {
        true => past(tokens, at + 2),
        false => at + 1,
    }
}

/// Returns the index behind the path that stands at `from`, with its generics: `from` if there is none.
pub(crate) fn behind_path(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    if is_punct(tokens.get(at), '<')
        && let Some(behind) = behind_generics(tokens, at)
        && is_pair(tokens, behind, [':', ':'])
    {
        at = behind;
    } else if word(tokens.get(at)).is_some() {
        at += 1;
    }
    while is_pair(tokens, at, [':', ':']) {
        at += 2;
        if is_punct(tokens.get(at), '<') {
            let Some(behind) = behind_generics(tokens, at) else { return at };
            at = behind;
        } else if word(tokens.get(at)).is_some() {
            at += 1;
        }
    }
    at
}

/// Returns the index behind the type of a cast that stands at `from`. As for rustc, a `<` in it begins generics.
pub(crate) fn behind_type(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        at = match token {
            Token::Group(_) | Token::Literal(_) => return at + 1,
            Token::Sign(sign) => match sign.as_char() {
                '&' | '*' | '?' => at + 1,
                '\'' => at + 2,
                '!' => return at + 1,
                '<' | ':' => return behind_type_path(tokens, at),
                _ => return at,
            },
            Token::Word(_, word) => match word.as_str() {
                "const" | "dyn" | "impl" | "mut" | "unsafe" => at + 1,
                "extern" => {
                    at + 1 + usize::from(matches!(tokens.get(at + 1), Some(Token::Literal(_))))
                }
                "for" => past(tokens, at + 1),
                "fn" => return behind_output(tokens, at + 1),
                _ => return behind_type_path(tokens, at),
            },
        };
    }
    at
}

/// Returns the index behind parameters in parentheses and the type that they lead to, if they stand at `at`.
fn behind_output(tokens: &[Token], at: usize) -> usize {
    let behind = at + usize::from(group(tokens.get(at), Delimiter::Parenthesis).is_some());
    match is_pair(tokens, behind, ['-', '>']) {
        true => behind_type(tokens, behind + 2),
        false => behind,
    }
}

fn behind_type_path(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    loop {
        if is_punct(tokens.get(at), '<') {
            at = past(tokens, at);
        } else if word(tokens.get(at)).is_some() {
            at += 1;
            if is_punct(tokens.get(at), '<') {
                at = past(tokens, at);
            }
        }
        if !is_pair(tokens, at, [':', ':']) {
            break;
        }
        at += 2;
    }
    match is_punct(tokens.get(at), '!') && matches!(tokens.get(at + 1), Some(Token::Group(_))) {
        true => at + 2,
        false => behind_output(tokens, at),
    }
}

/// Returns the names in a path, without generics.
pub(crate) fn segments(path: &[Token]) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut at = 0;
    while at < path.len() {
        segments.extend(word(path.get(at)));
        at = past(path, at);
    }
    segments
}

/// Returns the index of the `=` of a `let`, or of the end of `tokens`.
pub(crate) fn equals(tokens: &[Token], from: usize) -> usize {
    // A sign behind it may be that of its value: `=&value`.
    let ends_range =
        |at: usize| at.checked_sub(1).is_some_and(|dot| is_pair(tokens, dot, ['.', '=']));
    let mut at = from;
    while at < tokens.len() && (!is_punct(tokens.get(at), '=') || ends_range(at)) {
        at = past(tokens, at);
    }
    at
}

/// Returns the arguments between commas, the last one only if it is not empty.
pub(crate) fn arguments(tokens: &[Token]) -> Vec<&[Token]> {
    split_at_commas(tokens, past_path_generics)
}

/// Returns the tokens without the comma at their end.
pub(crate) fn without_comma(tokens: &[Token]) -> &[Token] {
    match tokens {
        [rest @ .., comma] if is_punct(Some(comma), ',') => rest,
        tokens => tokens,
    }
}

/// Returns the index behind the parameters of the closure whose `|` is at `pipe`, if they have an end.
pub(crate) fn behind_parameters(tokens: &[Token], pipe: usize) -> Option<usize> {
    let close = (pipe + 1..tokens.len()).find(|at| is_punct(tokens.get(*at), '|'))?;
    Some(close + 1)
}

/// Returns the parameters of a closure.
pub(crate) fn parameters(tokens: &[Token]) -> Vec<&[Token]> {
    split_at_commas(tokens, past)
}

fn split_at_commas(tokens: &[Token], past: fn(&[Token], usize) -> usize) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if is_punct(tokens.get(at), ',') {
            parts.push(&tokens[start..at]);
            start = at + 1;
        }
        at = past(tokens, at);
    }
    if start < tokens.len() {
        parts.push(&tokens[start..]);
    }
    parts
}

/// Returns the inner attributes that a body begins with, and the rest.
pub(crate) fn inner_attributes(body: &[Token]) -> (&[Token], &[Token]) {
    let mut at = 0;
    while is_punct(body.get(at), '#') && is_punct(body.get(at + 1), '!') {
        at += 3;
    }
    body.split_at(at.min(body.len()))
}

/// A call of a method by its name alone: `.name(..)`.
pub(crate) struct NamedCall<'t> {
    /// The index of its point.
    pub(crate) at: usize,
    pub(crate) ident: &'t Ident,
    pub(crate) name: &'t str,
    pub(crate) arguments: &'t Group,
}

/// Returns the calls in one sequence, without those in its groups.
pub(crate) fn named_calls(tokens: &[Token]) -> impl Iterator<Item = NamedCall<'_>> {
    tokens.windows(3).enumerate().filter_map(|(at, three)| match three {
        [dot, Token::Word(ident, name), Token::Group(arguments)]
            if is_punct(Some(dot), '.') && arguments.delimiter() == Delimiter::Parenthesis =>
        {
            Some(NamedCall { at, ident, name, arguments })
        }
        _ => None,
    })
}

/// Tells whether the token at `at` is awaited.
pub(crate) fn is_awaited(tokens: &[Token], at: usize) -> bool {
    is_punct(tokens.get(at + 1), '.') && is_word(tokens.get(at + 2), "await")
}

/// Tells whether what stands from `from` to `behind` is written to, or borrowed from.
pub(crate) fn is_placed(tokens: &[Token], from: usize, behind: usize) -> bool {
    let before = from.checked_sub(1).and_then(|before| tokens.get(before));
    let after = &tokens[behind.min(tokens.len())..];
    let member = is_lone(after, 0, '.') && !is_word(after.get(1), "await");
    let indexed = group(after.first(), Delimiter::Bracket).is_some();
    let called = group(after.first(), Delimiter::Parenthesis).is_some();
    // What an assignment does not take: `_ =`, `(_, b) =`.
    let target = from.checked_sub(2).and_then(|target| tokens.get(target));
    let nowhere =
        is_punct(before, '=') && (is_word(target, "_") || matches!(target, Some(Token::Group(_))));
    // What is left of a struct, whose other fields stay where they are.
    let rest = from >= 2
        && is_pair(tokens, from - 2, ['.', '.'])
        && from.checked_sub(3).is_none_or(|before| is_punct(tokens.get(before), ','));
    let ahead = operator(after);
    member
        || indexed
        || called
        || is_assignment(&ahead)
        || is_comparison(&ahead)
        || is_borrowed(tokens, from)
        || nowhere
        || rest
}

/// Tells whether what stands from `from` to `behind`, or a field of it, is written to.
pub(crate) fn is_written(tokens: &[Token], from: usize, behind: usize) -> bool {
    let after = &tokens[behind.min(tokens.len())..];
    let field = is_lone(after, 0, '.') && group(after.get(2), Delimiter::Parenthesis).is_none();
    let mutable = from.checked_sub(1).is_some_and(|before| is_word(tokens.get(before), "mut"));
    field || mutable || is_assignment(&operator(after))
}

/// Tells whether what stands at `from` is borrowed, dereferenced or compared by what stands before it.
fn is_borrowed(tokens: &[Token], from: usize) -> bool {
    let mut first = from.saturating_sub(1);
    while first.checked_sub(1).is_some_and(|before| is_joint(tokens.get(before))) {
        first -= 1;
    }
    let behind = operator(&tokens[first..from]);
    let operand = match first.checked_sub(1).and_then(|before| tokens.get(before)) {
        Some(Token::Word(_, word)) => !is_keyword(word),
        Some(Token::Sign(sign)) => sign.as_char() == '?',
        Some(_) => true,
        None => false,
    };
    match tokens[..from].last() {
        // Of `&mut` and `&raw const`.
        Some(Token::Word(_, word)) => word == "mut" || word == "const",
        Some(Token::Sign(_)) => {
            // Behind an operand, they are operators that take a value.
            let binary = operand && matches!(behind.as_str(), "&" | "&&" | "*");
            let lends = behind.ends_with('&') || behind.ends_with('*');
            lends && !binary || is_comparison(&behind)
        }
        _ => false,
    }
}

/// Returns the signs at the beginning of tokens that are written together.
fn operator(tokens: &[Token]) -> String {
    let mut signs = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Sign(sign) = token else { break };
        signs.push(sign.as_char());
        if !is_joint(tokens.get(at)) {
            break;
        }
    }
    signs
}

/// Tells whether an operator borrows what it compares. A sign of the next operand may be written together with it.
fn is_comparison(operator: &str) -> bool {
    let shifts = operator.starts_with("<<") || operator.starts_with(">>");
    let arrow = operator.starts_with("=>") || operator.starts_with("->");
    let compares = ["==", "!=", "<", ">"].iter().any(|sign| operator.starts_with(sign));
    compares && !shifts && !arrow
}

/// Tells whether an operator writes to what stands before it: `=`, `+=` and their like.
fn is_assignment(operator: &str) -> bool {
    const COMPOUND: [&str; 10] = ["+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<<=", ">>="];
    let assigns =
        operator.starts_with('=') && !operator.starts_with("==") && !operator.starts_with("=>");
    assigns || COMPOUND.iter().any(|compound| operator.starts_with(compound))
}

/// Tells whether a pattern or a type could bind otherwise than its macro meant it: `A | B`, `0..=9`, `dyn A + B`.
pub(crate) fn is_loose(tokens: &[Token]) -> bool {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_pair(tokens, at, ['.', '.']) {
            return true;
        }
        at = match token {
            Token::Sign(_) if is_pair(tokens, at, [':', ':']) => past(tokens, at + 2).max(at + 2),
            Token::Sign(sign) if "+-*&|<>=".contains(sign.as_char()) => return true,
            _ => at + 1,
        };
    }
    false
}

/// Gives each word in tokens, in groups too.
pub(crate) fn each_word<'t>(tokens: &'t [Token], each: &mut impl FnMut(&'t str)) {
    for token in tokens {
        match token {
            Token::Word(_, text) => each(text),
            Token::Group(group) => each_word(group.tokens(), each),
            _ => {}
        }
    }
}

//! Rust's syntax, as far as tokens show it: keywords, generics, paths, arguments, operators.

use proc_macro2::Delimiter;

use crate::tokens::{Token, group, is_lone, is_pair, is_punct, is_word, word};

/// Tells whether a word cannot end or be an operand.
pub(crate) fn is_keyword(word: &str) -> bool {
    [
        "as", "async", "break", "const", "continue", "dyn", "else", "enum", "extern", "fn", "for",
        "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
        "static", "struct", "trait", "type", "unsafe", "use", "where", "while", "yield",
    ]
    .contains(&word)
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

/// Tells whether an async closure begins here.
pub(crate) fn is_async_closure(tokens: &[Token]) -> bool {
    let bar = 1 + usize::from(is_word(tokens.get(1), "move"));
    is_word(tokens.first(), "async") && is_punct(tokens.get(bar), '|')
}

/// Returns the index behind the `>` that closes the `<` at `at`, or `None` if nothing does.
pub(crate) fn behind_generics(tokens: &[Token], at: usize) -> Option<usize> {
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
                depth -= usize::from(!arrow);
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
    let mut at = from;
    while at < tokens.len() && !is_lone(tokens, at, '=') {
        let behind = past(tokens, at);
        // `Vec<u8>= ..`
        if behind > at + 1 && is_lone(&tokens[behind..], 0, '=') {
            return behind;
        }
        at = behind;
    }
    at
}

/// Returns the arguments between commas, the last one only if it is not empty.
pub(crate) fn arguments(tokens: &[Token]) -> Vec<&[Token]> {
    let mut arguments: Vec<_> = tokens.split(|token| is_punct(Some(token), ',')).collect();
    arguments.pop_if(|last| last.is_empty());
    arguments
}

/// Returns the tokens without the comma at their end.
pub(crate) fn without_comma(tokens: &[Token]) -> &[Token] {
    match tokens {
        [rest @ .., comma] if is_punct(Some(comma), ',') => rest,
        tokens => tokens,
    }
}

/// Returns the parameters of a closure.
pub(crate) fn parameters(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parameters = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if is_punct(tokens.get(at), ',') {
            parameters.push(&tokens[start..at]);
            start = at + 1;
        }
        at = past(tokens, at);
    }
    if start < tokens.len() {
        parameters.push(&tokens[start..]);
    }
    parameters
}

/// Returns the inner attributes that a body begins with, and the rest.
pub(crate) fn inner_attributes(body: &[Token]) -> (&[Token], &[Token]) {
    let mut at = 0;
    while is_punct(body.get(at), '#') && is_punct(body.get(at + 1), '!') {
        at += 3;
    }
    body.split_at(at.min(body.len()))
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
    member || indexed || is_assignment(after) || is_word(before, "mut")
}

/// Tells whether an assignment goes on here: `=`, `+=` and their like, but no comparison.
fn is_assignment(tokens: &[Token]) -> bool {
    let mut operator = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Sign(sign) = token else { break };
        operator.push(sign.as_char());
        if is_lone(&tokens[at..], 0, sign.as_char()) {
            break;
        }
    }
    operator.ends_with('=') && !matches!(operator.as_str(), "==" | "<=" | ">=" | "!=" | "..=")
}

/// Tells whether a fragment could bind otherwise than its macro meant it: an expression with an operator in it.
pub(crate) fn is_loose(tokens: &[Token]) -> bool {
    const STATEMENTS: [&str; 12] = [
        "let", "fn", "pub", "struct", "enum", "impl", "trait", "mod", "use", "type", "const",
        "static",
    ];
    let statement = match word(tokens.first()) {
        Some(first) => STATEMENTS.contains(&first),
        None => is_punct(tokens.first(), '#'),
    };
    !statement && !is_punct(tokens.last(), ';') && has_operator(tokens)
}

fn has_operator(tokens: &[Token]) -> bool {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_word(Some(token), "as") || is_pair(tokens, at, ['.', '.']) {
            return true;
        }
        at = match token {
            Token::Sign(_) if is_pair(tokens, at, [':', ':']) => past(tokens, at + 2).max(at + 2),
            // Of a macro, or a negation.
            Token::Sign(sign) if sign.as_char() == '!' => {
                if at == 0 || word(tokens.get(at - 1)).is_none() {
                    return true;
                }
                at + 1
            }
            Token::Sign(sign) if "+-*/%^&|<>=".contains(sign.as_char()) => return true,
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

//! Token sequences: what the walk over a body looks for, and how it writes.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

/// Returns the tokens of a stream, to be looked at by index.
///
/// A fragment that is a path comes without its group: `$macro!(..)` is then a macro call like any other.
pub(crate) fn list(stream: TokenStream) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    for token in stream {
        match group(Some(&token), Delimiter::None).map(|group| list(group.stream())) {
            Some(path) if is_path(&path) => tokens.extend(path),
            _ => tokens.push(token),
        }
    }
    tokens
}

fn is_path(tokens: &[TokenTree]) -> bool {
    tokens.iter().all(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    })
}

pub(crate) fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Tells whether a sign stands at `at` that is written with one character only.
pub(crate) fn is_lone(tokens: &[TokenTree], at: usize, sign: char) -> bool {
    let lone = matches!(tokens.get(at), Some(TokenTree::Punct(punct))
        if punct.as_char() == sign && punct.spacing() == Spacing::Alone);
    lone && !at.checked_sub(1).is_some_and(|before| is_joint(tokens.get(before)))
}

fn is_joint(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct))
        if punct.spacing() == Spacing::Joint && punct.as_char() != '\'')
}

/// Tells whether two signs stand at `at` that are written together, such as `::`.
pub(crate) fn is_pair(tokens: &[TokenTree], at: usize, pair: [char; 2]) -> bool {
    is_joint(tokens.get(at))
        && is_punct(tokens.get(at), pair[0])
        && is_punct(tokens.get(at + 1), pair[1])
}

pub(crate) fn ident(token: Option<&TokenTree>) -> Option<&Ident> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident),
        _ => None,
    }
}

pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    ident(token).is_some_and(|ident| ident == word)
}

pub(crate) fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Returns a group with other tokens in it and the same span.
pub(crate) fn regroup(group: &Group, delimiter: Delimiter, tokens: TokenStream) -> TokenTree {
    let mut rebuilt = Group::new(delimiter, tokens);
    rebuilt.set_span(group.span());
    rebuilt.into()
}

pub(crate) fn parentheses(span: Span, tokens: TokenStream) -> TokenTree {
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(span);
    group.into()
}

pub(crate) fn dot(span: Span) -> TokenTree {
    let mut dot = Punct::new('.', Spacing::Alone);
    dot.set_span(span);
    dot.into()
}

/// Tells whether a word cannot end or be an operand.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "async"
            | "break"
            | "const"
            | "continue"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
            | "yield"
    )
}

/// Returns the index behind the `>` that closes the `<` at `at`, or `None` if nothing does.
pub(crate) fn behind_generics(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (nth, token) in tokens.iter().enumerate().skip(at) {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => {
                // Not of `->` and `=>`.
                let arrow = nth.checked_sub(1).is_some_and(|before| {
                    is_pair(tokens, before, ['-', '>']) || is_pair(tokens, before, ['=', '>'])
                });
                if !arrow {
                    depth -= 1;
                }
                if depth == 0 {
                    return Some(nth + 1);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            _ => {}
        }
    }
    None
}

/// Returns the index of the `=` of a `let`, or of the end of `tokens`.
pub(crate) fn equals(tokens: &[TokenTree], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() {
        if is_lone(tokens, at, '=') {
            return at;
        }
        at = match tokens[at] {
            TokenTree::Punct(ref punct) if punct.as_char() == '<' => {
                behind_generics(tokens, at).unwrap_or(at + 1)
            }
            _ => at + 1,
        };
    }
    at
}

/// Returns the arguments between commas, the last one only if it is not empty.
pub(crate) fn arguments(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut arguments: Vec<_> = tokens.split(|token| is_punct(Some(token), ',')).collect();
    arguments.pop_if(|last| last.is_empty());
    arguments
}

/// Returns where the operand begins that ends `tokens`, or `None` if that cannot be told: a block, or nothing.
pub(crate) fn operand_start(tokens: &[TokenTree]) -> Option<usize> {
    let mut at = tokens.len();
    loop {
        while at > 0 && is_punct(tokens.get(at - 1), '?') {
            at -= 1;
        }
        let is_call = match tokens.get(at.checked_sub(1)?)? {
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Brace => return None,
                Delimiter::None => false,
                _ => true,
            },
            TokenTree::Ident(ident) if !is_keyword(&ident.to_string()) || ident == "await" => false,
            TokenTree::Literal(_) => false,
            _ => return None,
        };
        at -= 1;
        if is_call {
            if at > 0 && is_punct(tokens.get(at - 1), '>') {
                at = before_generics(tokens, at)?;
            }
            let called = match at.checked_sub(1).and_then(|last| tokens.get(last)) {
                Some(TokenTree::Ident(ident)) => !is_keyword(&ident.to_string()),
                Some(TokenTree::Group(group)) => {
                    group.delimiter() != Delimiter::Brace && !is_attribute(tokens, at - 1)
                }
                Some(TokenTree::Punct(punct)) if punct.as_char() == '?' => true,
                Some(TokenTree::Punct(punct)) if punct.as_char() == '!' => {
                    let of = at.checked_sub(2).and_then(|name| ident(tokens.get(name)));
                    let named = of.is_some_and(|name| !is_keyword(&name.to_string()));
                    if named {
                        at -= 1;
                    }
                    named
                }
                _ => false,
            };
            if called {
                continue;
            }
        }
        while at >= 3 && is_pair(tokens, at - 2, [':', ':']) {
            at -= 2;
            at = match tokens.get(at - 1) {
                Some(TokenTree::Ident(_)) => at - 1,
                _ => before_generics(tokens, at)?,
            };
        }
        if at >= 2 && is_pair(tokens, at - 2, [':', ':']) {
            at -= 2;
        }
        let is_member = at > 0
            && is_punct(tokens.get(at - 1), '.')
            && !at.checked_sub(2).is_some_and(|before| is_pair(tokens, before, ['.', '.']));
        if !is_member {
            return Some(at);
        }
        at -= 1;
    }
}

/// Returns where `name::<..>` or `<..>` begins that ends at `at`.
fn before_generics(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for nth in (0..at).rev() {
        if is_punct(tokens.get(nth), '>') {
            depth += 1;
        } else if is_punct(tokens.get(nth), '<') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                let turbofish = nth >= 2 && is_pair(tokens, nth - 2, [':', ':']);
                return Some(if turbofish { nth - 2 } else { nth });
            }
        }
    }
    None
}

fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    group(tokens.get(at), Delimiter::Bracket).is_some()
        && at.checked_sub(1).is_some_and(|hash| is_punct(tokens.get(hash), '#'))
}

/// Returns the inner attributes that a body begins with, and the rest.
pub(crate) fn inner_attributes(stream: TokenStream) -> (TokenStream, TokenStream) {
    let tokens = list(stream);
    let mut at = 0;
    while is_punct(tokens.get(at), '#') && is_punct(tokens.get(at + 1), '!') {
        at += 3;
    }
    let (inner, rest) = tokens.split_at(at.min(tokens.len()));
    (inner.iter().cloned().collect(), rest.iter().cloned().collect())
}

/// Tells whether an assignment goes on here: `=`, `+=` and their like, but no comparison.
pub(crate) fn is_assignment(tokens: &[TokenTree]) -> bool {
    let mut operator = String::new();
    for token in tokens {
        let TokenTree::Punct(punct) = token else { break };
        operator.push(punct.as_char());
        if punct.spacing() == Spacing::Alone {
            break;
        }
    }
    operator.ends_with('=') && !matches!(operator.as_str(), "==" | "<=" | ">=" | "!=" | "..=")
}

pub(crate) fn each_ident(tokens: &[TokenTree], each: &mut impl FnMut(&Ident)) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => each(ident),
            TokenTree::Group(group) => each_ident(&list(group.stream()), each),
            _ => {}
        }
    }
}

/// Returns the span of the last token that is no sign.
pub(crate) fn last_span(tokens: &[TokenTree]) -> Span {
    let last = tokens.iter().rev().find(|token| !matches!(token, TokenTree::Punct(_)));
    last.map_or_else(Span::call_site, TokenTree::span)
}

/// Tells whether a word begins an expression that ends in a block.
pub(crate) fn is_block_keyword(word: &str) -> bool {
    matches!(word, "if" | "match" | "loop" | "while" | "for" | "unsafe")
}

/// Tells whether an expression comes between this word and its block, in which no struct is written.
pub(crate) fn has_condition(word: &Ident) -> bool {
    ["if", "match", "while", "for"].iter().any(|keyword| word == keyword)
}

/// Tells whether these tokens are an expression of branches, which end where it does.
pub(crate) fn is_branching(tokens: &[TokenTree]) -> bool {
    let first = match tokens.first() {
        Some(TokenTree::Ident(word)) => ["if", "match", "unsafe"].iter().any(|first| word == first),
        first => group(first, Delimiter::Brace).is_some(),
    };
    first && group(tokens.last(), Delimiter::Brace).is_some()
}

/// Tells whether a fragment could bind otherwise than its macro meant it: an expression with an operator in it.
pub(crate) fn is_loose(tokens: &[TokenTree]) -> bool {
    let statement = match tokens.first() {
        Some(TokenTree::Ident(word)) => [
            "let", "fn", "pub", "struct", "enum", "impl", "trait", "mod", "use", "type", "const",
            "static",
        ]
        .iter()
        .any(|first| word == first),
        first => is_punct(first, '#'),
    };
    !statement && !is_punct(tokens.last(), ';') && has_operator(tokens)
}

fn has_operator(tokens: &[TokenTree]) -> bool {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_word(Some(token), "as") || is_pair(tokens, at, ['.', '.']) {
            return true;
        }
        at += match token {
            TokenTree::Punct(_) if is_pair(tokens, at, [':', ':']) => {
                let generics = is_punct(tokens.get(at + 2), '<');
                generics
                    .then(|| behind_generics(tokens, at + 2))
                    .flatten()
                    .map_or(2, |end| end - at)
            }
            TokenTree::Punct(sign) if sign.as_char() == '!' => {
                // Of a macro, or a negation.
                if at == 0 || ident(tokens.get(at - 1)).is_none() {
                    return true;
                }
                1
            }
            TokenTree::Punct(sign) if "+-*/%^&|<>=".contains(sign.as_char()) => return true,
            _ => 1,
        };
    }
    false
}

/// Returns the parameters of a closure.
pub(crate) fn parameters(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let mut parameters = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if is_punct(tokens.get(at), ',') {
            parameters.push(&tokens[start..at]);
            start = at + 1;
        }
        at = match is_punct(tokens.get(at), '<').then(|| behind_generics(tokens, at)).flatten() {
            Some(behind) => behind,
            None => at + 1,
        };
    }
    if start < tokens.len() {
        parameters.push(&tokens[start..]);
    }
    parameters
}

/// Returns the tokens without the comma at their end.
pub(crate) fn without_comma(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [rest @ .., comma] if is_punct(Some(comma), ',') => rest,
        tokens => tokens,
    }
}

/// Returns the one name that a pattern declares: `name`, `mut name` or `name: Type`.
pub(crate) fn declared(pattern: &[TokenTree]) -> Option<&Ident> {
    let mut at = 0;
    while is_word(pattern.get(at), "mut") || is_word(pattern.get(at), "ref") {
        at += 1;
    }
    let name = ident(pattern.get(at))?;
    let ends = pattern.len() == at + 1 || is_lone(pattern, at + 1, ':');
    ends.then_some(name)
}

/// Tells whether a pattern has the type of a leased connection: `name: &mut Conn<_>`.
pub(crate) fn is_connection(pattern: &[TokenTree]) -> bool {
    let Some(colon) = (0..pattern.len()).find(|at| is_lone(pattern, *at, ':')) else {
        return false;
    };
    let mut at = colon + 1;
    if !is_punct(pattern.get(at), '&') {
        return false;
    }
    at += 1;
    if is_punct(pattern.get(at), '\'') {
        at += 2;
    }
    if !is_word(pattern.get(at), "mut") {
        return false;
    }
    at += 1;
    let end =
        (at..pattern.len()).find(|at| is_punct(pattern.get(*at), '<')).unwrap_or(pattern.len());
    let last = end.checked_sub(1).and_then(|last| pattern.get(last));
    is_word(last, "Conn") || is_word(last, "Tx")
}

/// Returns the variable that an expression borrows from: `conn` in `&mut *conn`.
pub(crate) fn root(tokens: &[TokenTree]) -> Option<String> {
    let mut at = 0;
    while is_punct(tokens.get(at), '&')
        || is_punct(tokens.get(at), '*')
        || is_word(tokens.get(at), "mut")
    {
        at += 1;
    }
    match tokens.get(at..)? {
        [TokenTree::Ident(name)] => Some(name.to_string()),
        [TokenTree::Group(group)]
            if matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::None) =>
        {
            root(&list(group.stream()))
        }
        _ => None,
    }
}

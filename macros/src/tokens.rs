//! Tokens: read once, looked at by index, written out as they came or with others in their place.

use std::cell::OnceCell;

use proc_macro2::{Delimiter, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};

/// A token as the walk looks at it.
#[derive(Clone)]
pub(crate) enum Token {
    /// With its text, which a proc macro has to ask rustc for.
    Word(Ident, String),
    Sign(Punct),
    Literal(Literal),
    Group(Group),
}

/// A group, whose tokens are read when they are looked at first.
#[derive(Clone)]
pub(crate) struct Group {
    written: proc_macro2::Group,
    tokens: OnceCell<Vec<Token>>,
}

impl Token {
    pub(crate) fn span(&self) -> Span {
        match self {
            Token::Word(ident, _) => ident.span(),
            Token::Sign(punct) => punct.span(),
            Token::Literal(literal) => literal.span(),
            Token::Group(group) => group.span(),
        }
    }

    pub(crate) fn tree(&self) -> TokenTree {
        match self {
            Token::Word(ident, _) => ident.clone().into(),
            Token::Sign(punct) => punct.clone().into(),
            Token::Literal(literal) => literal.clone().into(),
            Token::Group(group) => group.tree(),
        }
    }
}

impl ToTokens for Token {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.tree());
    }
}

impl Group {
    pub(crate) fn new(delimiter: Delimiter, span: Span, tokens: TokenStream) -> Self {
        let mut written = proc_macro2::Group::new(delimiter, tokens);
        written.set_span(span);
        Group { written, tokens: OnceCell::new() }
    }

    pub(crate) fn delimiter(&self) -> Delimiter {
        self.written.delimiter()
    }

    pub(crate) fn span(&self) -> Span {
        self.written.span()
    }

    pub(crate) fn stream(&self) -> TokenStream {
        self.written.stream()
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| list(self.written.stream()))
    }

    pub(crate) fn tree(&self) -> TokenTree {
        self.written.clone().into()
    }

    /// Returns the group with other tokens in it.
    pub(crate) fn with(&self, tokens: TokenStream) -> TokenTree {
        Group::new(self.delimiter(), self.span_with(), tokens).written.into()
    }

    /// Returns the span of a group that takes its place.
    ///
    /// One span stands for both of its brackets. If someone is still typing what it holds, rustc has found that at the closing
    /// bracket. With the span of that bracket, it finds the same again, and says it once.
    pub(crate) fn span_with(&self) -> Span {
        if is_unfinished(self.tokens()) { self.written.span_close() } else { self.span() }
    }
}

impl ToTokens for Group {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.tree());
    }
}

/// Tells whether someone is still typing what tokens end in: `conn.`, `let a = b`, `if a`, `a +`, `i64::`.
pub(crate) fn is_unfinished(tokens: &[Token]) -> bool {
    let block = |token: &Token| group(Some(token), Delimiter::Brace).is_some();
    let ends = |token: &Token| is_punct(Some(token), ';') || block(token);
    let begins = tokens.iter().rposition(ends).map_or(0, |end| end + 1);
    let open = ["let", "if", "for", "while", "match"];
    let goes_on = ["as", "async", "else", "in", "move", "mut", "ref", "struct", "unsafe", "use"];
    match tokens.last() {
        Some(Token::Sign(sign)) if !";,?>.".contains(sign.as_char()) => true,
        Some(Token::Sign(_)) if is_punct(tokens.last(), '.') => {
            !is_pair(tokens, tokens.len().saturating_sub(2), ['.', '.'])
        }
        Some(Token::Word(_, word)) if goes_on.contains(&word.as_str()) => true,
        _ => word(tokens.get(begins)).is_some_and(|word| open.contains(&word)),
    }
}

/// Returns the tokens of a stream.
///
/// A fragment such as a path or a block comes without its group: `$macro!(..)` is then a macro call like any other.
pub(crate) fn list(stream: TokenStream) -> Vec<Token> {
    let mut tokens = Vec::new();
    for token in stream {
        match token {
            TokenTree::Ident(ident) => {
                let text = ident.to_string();
                tokens.push(Token::Word(ident, text));
            }
            TokenTree::Punct(punct) => tokens.push(Token::Sign(punct)),
            TokenTree::Literal(literal) => push_literal(&mut tokens, literal),
            TokenTree::Group(written) => {
                let fragment = written.delimiter() == Delimiter::None;
                let whole = Group { written, tokens: OnceCell::new() };
                if fragment && is_no_unit(whole.tokens()) {
                    for token in whole.tokens.into_inner().unwrap_or_default() {
                        match token {
                            Token::Literal(literal) => push_literal(&mut tokens, literal),
                            token => tokens.push(token),
                        }
                    }
                    continue;
                }
                tokens.push(Token::Group(whole));
            }
        }
    }
    tokens
}

fn push_literal(tokens: &mut Vec<Token>, literal: Literal) {
    match tuple_index(tokens, &literal) {
        Some(index) => {
            tokens.extend([Token::Literal(index), Token::Sign(Punct::new('.', Spacing::Alone))])
        }
        None => tokens.push(Token::Literal(literal)),
    }
}

/// Returns the index of a tuple's field that came with the dot behind it, as one literal: `0.` in `pair.0. await`.
fn tuple_index(before: &[Token], literal: &Literal) -> Option<Literal> {
    let dot = before.len().checked_sub(1)?;
    let ends_range = dot.checked_sub(1).is_some_and(|first| is_pair(before, first, ['.', '.']));
    if !is_punct(before.last(), '.') || ends_range {
        return None;
    }
    let index = literal.to_string().strip_suffix('.')?.parse().ok()?;
    let mut index = Literal::u32_unsuffixed(index);
    index.set_span(literal.span());
    Some(index)
}

/// Tells whether a fragment needs no group: a path, a visibility, a literal, a label or a block. Neither do tokens that are
/// no fragment, but were cut out of code by a macro.
fn is_no_unit(tokens: &[Token]) -> bool {
    let is_word = |token: &Token| matches!(token, Token::Word(..));
    let is_path = tokens.iter().all(|token| is_word(token) || is_punct(Some(token), ':'))
        // As in a cast.
        && !tokens.windows(2).any(|two| two.iter().all(is_word));
    let is_visibility = match tokens {
        [first, Token::Group(within)] => {
            word(Some(first)) == Some("pub") && within.delimiter() == Delimiter::Parenthesis
        }
        _ => false,
    };
    let is_literal = matches!(tokens, [Token::Literal(_)]);
    let is_label = matches!(tokens, [tick, Token::Word(..)] if is_punct(Some(tick), '\''));
    let is_block = tokens.len() == 1 && group(tokens.first(), Delimiter::Brace).is_some();
    let is_range = |at: Option<usize>| at.is_some_and(|at| is_pair(tokens, at, ['.', '.']));
    let goes_on = is_punct(tokens.first(), '?')
        || is_punct(tokens.first(), '.') && !is_range(Some(0))
        || is_punct(tokens.last(), '!')
        || is_punct(tokens.last(), '.') && !is_range(tokens.len().checked_sub(2));
    is_path || is_visibility || is_literal || is_label || is_block || goes_on
}

pub(crate) fn is_punct(token: Option<&Token>, sign: char) -> bool {
    matches!(token, Some(Token::Sign(punct)) if punct.as_char() == sign)
}

/// Tells whether a sign stands at `at` that is written with one character only.
pub(crate) fn is_lone(tokens: &[Token], at: usize, sign: char) -> bool {
    is_punct(tokens.get(at), sign)
        && !is_joint(tokens.get(at))
        && !at.checked_sub(1).is_some_and(|before| is_joint(tokens.get(before)))
}

/// Tells whether a token is a sign that is written together with the next.
pub(crate) fn is_joint(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Sign(punct))
        if punct.spacing() == Spacing::Joint && punct.as_char() != '\'')
}

/// Tells whether a colon stands at `at` that is no half of `::`.
pub(crate) fn is_colon(tokens: &[Token], at: usize) -> bool {
    let is_half = |at: usize| is_pair(tokens, at, [':', ':']);
    is_punct(tokens.get(at), ':') && !is_half(at) && !at.checked_sub(1).is_some_and(is_half)
}

/// Tells whether two signs stand at `at` that are written together, such as `::`.
pub(crate) fn is_pair(tokens: &[Token], at: usize, pair: [char; 2]) -> bool {
    is_punct(tokens.get(at), pair[0])
        && is_joint(tokens.get(at))
        && is_punct(tokens.get(at + 1), pair[1])
}

pub(crate) fn word(token: Option<&Token>) -> Option<&str> {
    match token {
        Some(Token::Word(_, text)) => Some(text),
        _ => None,
    }
}

pub(crate) fn is_word(token: Option<&Token>, text: &str) -> bool {
    word(token) == Some(text)
}

pub(crate) fn group(token: Option<&Token>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(Token::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Writes tokens as they came.
pub(crate) fn write(tokens: &[Token], out: &mut Vec<TokenTree>) {
    out.extend(tokens.iter().map(Token::tree));
}

/// Returns tokens as they came.
pub(crate) fn stream(tokens: &[Token]) -> TokenStream {
    tokens.iter().map(Token::tree).collect()
}

pub(crate) fn enclosed(delimiter: Delimiter, span: Span, tokens: TokenStream) -> TokenTree {
    Group::new(delimiter, span, tokens).written.into()
}

pub(crate) fn parentheses(span: Span, tokens: TokenStream) -> TokenTree {
    enclosed(Delimiter::Parenthesis, span, tokens)
}

pub(crate) fn dot(span: Span) -> TokenTree {
    let mut dot = Punct::new('.', Spacing::Alone);
    dot.set_span(span);
    dot.into()
}

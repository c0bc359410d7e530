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
/// A fragment that is a path or a block comes without its group: `$macro!(..)` is then a macro call like any other.
pub(crate) fn list(stream: TokenStream) -> Vec<Token> {
    let mut tokens = Vec::new();
    for token in stream {
        tokens.push(match token {
            TokenTree::Ident(ident) => {
                let text = ident.to_string();
                Token::Word(ident, text)
            }
            TokenTree::Punct(punct) => Token::Sign(punct),
            TokenTree::Literal(literal) => Token::Literal(literal),
            TokenTree::Group(written) => {
                let fragment = written.delimiter() == Delimiter::None;
                let whole = Group { written, tokens: OnceCell::new() };
                if fragment && is_path_or_block(whole.tokens()) {
                    tokens.extend(whole.tokens.into_inner().unwrap_or_default());
                    continue;
                }
                Token::Group(whole)
            }
        });
    }
    tokens
}

fn is_path_or_block(tokens: &[Token]) -> bool {
    let is_of_path = |token: &Token| word(Some(token)).is_some() || is_punct(Some(token), ':');
    let is_block = tokens.len() == 1 && group(tokens.first(), Delimiter::Brace).is_some();
    is_block || tokens.iter().all(is_of_path)
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

fn is_joint(token: Option<&Token>) -> bool {
    matches!(token, Some(Token::Sign(punct))
        if punct.spacing() == Spacing::Joint && punct.as_char() != '\'')
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

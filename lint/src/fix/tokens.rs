//! A file as the parser sees it, and as a flat list of tokens with their bytes.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A token, or one bracket of a group.
#[derive(Debug)]
pub(super) struct Token {
    pub text: String,
    pub bytes: Range<usize>,
}

/// A file that is to be changed.
pub(super) struct File<'a> {
    pub text: &'a str,
    pub ast: syn::File,
    pub tokens: Vec<Token>,
}

impl<'a> File<'a> {
    /// Reads a file; none if it does not parse, or begins with bytes that are no tokens.
    pub(super) fn read(text: &'a str) -> Option<File<'a>> {
        if text.starts_with(['\u{feff}', '#'])
            && !text.starts_with("#[")
            && !text.starts_with("#![")
        {
            return None;
        }
        let stream: TokenStream = text.parse().ok()?;
        let mut tokens = Vec::new();
        flatten(stream.clone(), &mut tokens);
        Some(File { text, ast: syn::parse2(stream).ok()?, tokens })
    }

    /// Returns the tokens within some bytes.
    pub(super) fn within(&self, bytes: &Range<usize>) -> &[Token] {
        let first = self.tokens.partition_point(|token| token.bytes.start < bytes.start);
        let end = self.tokens.partition_point(|token| token.bytes.start < bytes.end);
        &self.tokens[first..end.max(first)]
    }

    /// Returns the line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// Returns the blanks at the beginning of a byte's line.
    pub(super) fn indent(&self, at: usize) -> &'a str {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &self.text[start..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                let bytes = group.span_open().byte_range();
                tokens.push(Token { text: open.to_owned(), bytes });
                flatten(group.stream(), tokens);
                let bytes = group.span_close().byte_range();
                tokens.push(Token { text: close.to_owned(), bytes });
            }
            tree => {
                let bytes = tree.span().byte_range();
                tokens.push(Token { text: tree.to_string(), bytes });
            }
        }
    }
}

/// Returns true if the tokens are these texts.
pub(super) fn are(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() == texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.text == *text)
}

/// Returns true if one of the tokens has this text.
pub(super) fn has(tokens: &[Token], text: &str) -> bool {
    tokens.iter().any(|token| token.text == text)
}

/// Returns true if one of the tokens names a variable, a literal's `{name}` included.
pub(super) fn name(tokens: &[Token], variable: &str) -> bool {
    let captured = |text: &str| {
        let parts = text.split('{').skip(1);
        let mut rests = parts.filter_map(|part| part.strip_prefix(variable));
        text.contains('"') && rests.any(|rest| rest.starts_with(['}', ':', '?']))
    };
    tokens.iter().any(|token| token.text == variable || captured(&token.text))
}

/// Returns the positions at which the tokens are these texts.
pub(super) fn find<'t>(tokens: &'t [Token], texts: &'t [&str]) -> impl Iterator<Item = usize> + 't {
    tokens
        .windows(texts.len())
        .enumerate()
        .filter(|(_, window)| are(window, texts))
        .map(|(at, _)| at)
}

//! A file as the parser sees it, and as a flat list of tokens with their bytes.

use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{Item, ItemMod};
use ustr::Ustr;

/// A token, or one bracket of a group.
#[derive(Clone, Debug)]
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

    /// Returns all items, those of inline modules included.
    pub(super) fn items(&self) -> Vec<&Item> {
        let mut all: Vec<&Item> = self.ast.items.iter().collect();
        let mut at = 0;
        while let Some(item) = all.get(at) {
            if let Item::Mod(ItemMod { content: Some((_, inner)), .. }) = item {
                all.extend(inner);
            }
            at += 1;
        }
        all
    }

    /// Returns the items of an inline module.
    pub(super) fn items_of(&self, module: &[Ustr]) -> Vec<&Item> {
        module.iter().fold(self.ast.items.iter().collect(), |items, name| {
            let inner = items.into_iter().filter_map(|item| match item {
                Item::Mod(ItemMod { ident, content: Some((_, inner)), .. }) if ident == name => {
                    Some(inner)
                }
                _ => None,
            });
            inner.flatten().collect()
        })
    }

    /// Returns the tokens within some bytes.
    pub(super) fn within(&self, bytes: &Range<usize>) -> &[Token] {
        within(&self.tokens, bytes)
    }

    /// Returns the places of a function's name, but for where it is declared or imported, and where it is a field, a
    /// variable, a macro or a module.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = usize> {
        let items = self.items().into_iter();
        let uses: Vec<Range<usize>> = items
            .filter(|item| matches!(item, Item::Use(_)))
            .map(|item| item.span().byte_range())
            .collect();
        let named = self.tokens.iter().enumerate().filter(move |(_, token)| token.text == name);
        named.map(|(at, _)| at).filter(move |at| {
            let byte = self.tokens[*at].bytes.start;
            !["fn", "mod"].contains(&self.before(*at, 1))
                && !self.is_module(*at)
                && !self.is_macro(*at)
                && !self.is_variable(*at)
                && !uses.iter().any(|bytes| bytes.contains(&byte))
        })
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    /// Returns the text of a token some places before another.
    pub(super) fn before(&self, at: usize, places: usize) -> &str {
        at.checked_sub(places).map_or("", |at| self.text(at))
    }

    /// Returns true if a path goes on behind a name.
    fn is_module(&self, at: usize) -> bool {
        self.text(at + 1) == ":" && self.text(at + 2) == ":" && self.text(at + 3) != "<"
    }

    /// Returns the place behind a name and its generic arguments, as in `deliver::<Job>`.
    pub(super) fn past_generics(&self, name: usize) -> usize {
        if self.text(name + 1) != ":" {
            return name + 1;
        }
        let mut depth = 0_usize;
        let ends = |at: &usize| {
            match self.text(*at) {
                "<" => depth += 1,
                ">" if self.before(*at, 1) != "-" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        };
        let end = (name + 3..self.tokens.len()).find(ends);
        end.unwrap_or(name) + 1
    }

    /// Returns the first token of the path that ends with a name.
    pub(super) fn path_start(&self, name: usize) -> usize {
        let mut first = name;
        while self.before(first, 1) == ":" && self.before(first, 2) == ":" && first > 2 {
            first -= 3;
        }
        first
    }

    /// Returns the path that ends with a name.
    pub(super) fn path(&self, name: usize) -> Vec<Ustr> {
        let path = self.tokens[self.path_start(name)..=name].iter().step_by(3);
        path.map(|token| Ustr::from(&token.text)).collect()
    }

    /// Returns true if a name is that of a macro, by its declaration, its call, or its use as an attribute.
    fn is_macro(&self, at: usize) -> bool {
        let first = self.path_start(at);
        let attribute = self.before(first, 1) == "["
            && (self.before(first, 2) == "#"
                || self.before(first, 2) == "!" && self.before(first, 3) == "#");
        let called = self.text(at + 1) == "!" && ["(", "[", "{"].contains(&self.text(at + 2));
        let declared = self.before(at, 1) == "!" && self.before(at, 2) == "macro_rules";
        attribute || called || declared
    }

    /// Returns true if a name is that of a field, of a variable, or of a parameter.
    fn is_variable(&self, at: usize) -> bool {
        if self.text(at + 1) == "(" || self.before(at, 1) == ":" && self.before(at, 2) == ":" {
            return false;
        }
        let name = self.text(at);
        let function = (0..at).rev().take_while(|earlier| self.text(*earlier) != "fn");
        self.is_bound(at)
            || self.before(at, 1) == "." && self.text(at + 1) != ":"
            || function
                .into_iter()
                .any(|earlier| self.text(earlier) == name && self.is_bound(earlier))
    }

    /// Returns true if a name stands in a pattern of `let`, `for` or a closure, or in front of a type.
    fn is_bound(&self, at: usize) -> bool {
        let (before, after) = (self.before(at, 1), self.text(at + 1));
        let of_closure =
            before == "|" && ["|", ","].contains(&after) || before == "," && after == "|";
        let in_pattern = || {
            let until = ["=", ";", "}", "fn", "let", "for", "in"];
            let start = (0..at).rev().find(|earlier| until.contains(&self.text(*earlier)));
            start.is_some_and(|start| ["let", "for"].contains(&self.text(start)))
        };
        let typed = after == ":" && self.text(at + 2) != ":";
        matches!(before, "mut" | "ref") || typed || of_closure || after != "(" && in_pattern()
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

/// Returns the tokens of some bytes of a file; none if they do not parse.
pub(super) fn list(text: &str, bytes: &Range<usize>) -> Option<Vec<Token>> {
    let stream: TokenStream = text.get(bytes.clone())?.parse().ok()?;
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);
    for token in &mut tokens {
        token.bytes = token.bytes.start + bytes.start..token.bytes.end + bytes.start;
    }
    Some(tokens)
}

/// Returns those of a file's tokens that are within some bytes.
pub(super) fn within<'t>(tokens: &'t [Token], bytes: &Range<usize>) -> &'t [Token] {
    let first = tokens.partition_point(|token| token.bytes.start < bytes.start);
    let end = tokens.partition_point(|token| token.bytes.start < bytes.end);
    &tokens[first..end.max(first)]
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

/// Returns the tokens' texts.
pub(super) fn texts(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

/// Returns true if the tokens are these texts.
pub(super) fn are(tokens: &[Token], texts: &[&str]) -> bool {
    tokens.len() == texts.len() && tokens.iter().zip(texts).all(|(token, text)| token.text == *text)
}

/// Returns true if one of the tokens has this text.
pub(super) fn has(tokens: &[Token], text: &str) -> bool {
    tokens.iter().any(|token| token.text == text)
}

/// Returns true if one of the tokens names a variable, a literal's `{name}` and `{:name$}` included.
pub(super) fn name(tokens: &[Token], variable: &str) -> bool {
    let captured = |text: &str| {
        let mut parts = text.split('{').skip(1);
        text.contains('"')
            && parts.any(|part| {
                let value = part.strip_prefix(variable);
                value.is_some_and(|rest| rest.starts_with(['}', ':', '?']))
                    || part.contains(&format!("{variable}$"))
            })
    };
    tokens.iter().any(|token| token.text == variable || captured(&token.text))
}

/// Returns true if some code names a variable or a function so, and not only a field.
pub(super) fn names_variable(tokens: &[Token], variable: &str) -> bool {
    let is_field = |at: usize| at > 0 && tokens[at - 1].text == ".";
    (0..tokens.len()).any(|at| name(&tokens[at..=at], variable) && !is_field(at))
}

/// Returns the positions at which the tokens are these texts.
pub(super) fn find<'t>(tokens: &'t [Token], texts: &'t [&str]) -> impl Iterator<Item = usize> + 't {
    tokens
        .windows(texts.len())
        .enumerate()
        .filter(|(_, window)| are(window, texts))
        .map(|(at, _)| at)
}

/// Returns the tokens inside of the group that opens at a position; none if none does.
pub(super) fn group(tokens: &[Token], open: usize) -> &[Token] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth > 1 => depth -= 1,
            _ if depth == 0 => break,
            ")" | "]" | "}" => return &tokens[open + 1..at],
            _ => {}
        }
    }
    &[]
}

/// Splits tokens at the commas that are in no group of their own.
pub(super) fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    let parts = tokens.split(|token| {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.text == ","
    });
    parts.filter(|part| !part.is_empty()).collect()
}

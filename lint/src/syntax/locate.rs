//! Turns the parser's spans into bytes of a file.

use proc_macro2::LineColumn;

use super::Span;

/// The lines of the text that is parsed.
pub(super) struct Locator<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
    /// The bytes in front of the text that the parser does not see.
    skipped: usize,
    /// In a text of ASCII, a column is a byte.
    is_ascii: bool,
}

impl<'a> Locator<'a> {
    /// Makes a locator for `text[skipped..]`.
    pub(super) fn new(text: &'a str, skipped: usize) -> Locator<'a> {
        let text = &text[skipped..];
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Locator { text, line_starts, skipped, is_ascii: text.is_ascii() }
    }

    /// Returns the bytes of a span in the whole text.
    pub(super) fn span(&self, span: proc_macro2::Span) -> Span {
        Span { lo: self.byte(span.start()), hi: self.byte(span.end()) }
    }

    fn byte(&self, at: LineColumn) -> u32 {
        let start = self.line_starts.get(at.line.saturating_sub(1)).copied().unwrap_or_default();
        let column = match self.is_ascii {
            true => at.column,
            false => {
                let line = &self.text[start..];
                line.char_indices().nth(at.column).map_or(line.len(), |(byte, _)| byte)
            }
        };
        u32::try_from(self.skipped + start + column).unwrap_or(u32::MAX)
    }
}

/// Returns the length of the byte order mark and the `#!` line, which are no tokens.
pub(super) fn prologue(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = &text[mark..];
    let script = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
    match script {
        true => mark + rest.find('\n').unwrap_or(rest.len()),
        false => mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parser_does_not_see_the_prologue() {
        assert_eq!(prologue("#!/usr/bin/env run\nfn f() {}"), 18);
        assert_eq!(prologue("\u{feff}#!x"), 6);
        assert_eq!(prologue("#![no_std]\n"), 0);
        assert_eq!(prologue("# ! [no_std]"), 0);
    }

    #[test]
    fn columns_are_characters_and_spans_are_bytes() {
        let text = "#!run\n// é\nfn ü() { a.é().b }\n";
        let skipped = prologue(text);
        let file = syn::parse_file(&text[skipped..]).expect("it parses");
        let syn::Item::Fn(item) = &file.items[0] else { panic!("a function") };
        let locator = Locator::new(text, skipped);
        let name = locator.span(item.sig.ident.span());
        assert_eq!(&text[name.lo as usize..name.hi as usize], "ü");
        let body = locator.span(item.block.brace_token.span.join());
        assert_eq!(&text[body.lo as usize..body.hi as usize], "{ a.é().b }");
    }
}

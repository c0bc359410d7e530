//! Blanks comments and the bodies of functions that await nothing, so that the parser has less to read.

use super::Span;

/// Returns the text with spaces in place of those. Every other byte keeps its place.
pub(super) fn blank(text: &str) -> String {
    let mut scanner = Scanner::new(text);
    while scanner.at < scanner.bytes.len() {
        scanner.step();
    }
    let mut bytes = text.as_bytes().to_vec();
    for idle in scanner.idle {
        for byte in &mut bytes[idle.lo as usize..idle.hi as usize] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    // Bodies and comments begin and end at characters of ASCII, so that no other is cut.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Returns the comments of a text that go to the end of their line, documentation included.
pub(crate) fn line_comments(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    each_unit(text, &mut |start, unit| {
        if unit.starts_with("//")
            && let (Ok(lo), Ok(hi)) = (u32::try_from(start), u32::try_from(start + unit.len()))
        {
            found.push(Span { lo, hi });
        }
    });
    found
}

/// Returns the code of a text without blanks and comments, with `"` in the place of each text, and where each of its
/// bytes comes from.
pub(crate) fn bare_code(text: &str) -> (String, Vec<usize>) {
    let (mut code, mut places) = (String::new(), Vec::new());
    each_unit(text, &mut |start, unit| {
        if unit.starts_with("//") || unit.starts_with("/*") {
            return;
        }
        if unit.contains('"') {
            code.push('"');
            places.push(start);
            return;
        }
        for (at, letter) in unit.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
            code.push(letter);
            places.extend(std::iter::repeat_n(start + at, letter.len_utf8()));
        }
    });
    (code, places)
}

/// Returns how many brackets of a text are open at its deepest place.
pub(crate) fn depth(text: &str) -> usize {
    let mut scanner = Scanner::new(text);
    let mut depth = 0;
    while scanner.at < scanner.bytes.len() {
        scanner.step();
        depth = depth.max(scanner.open.len());
    }
    depth
}

/// Calls `see` for each comment, literal, word and other byte of a text, with the byte that it begins at.
fn each_unit(text: &str, see: &mut dyn FnMut(usize, &str)) {
    let mut scanner = Scanner::new(text);
    while scanner.at < scanner.bytes.len() {
        let start = scanner.at;
        scanner.step();
        // A literal may lack its end.
        see(start, &text[start..scanner.at.min(text.len())]);
    }
}

/// Returns true for the text of a function that may wait.
pub(super) fn may_wait(function: &str) -> bool {
    function.contains("async") || function.contains("await")
}

/// A function whose body has not been reached yet.
struct Head {
    start: usize,
    is_async: bool,
    /// The number of open brackets around it.
    depth: usize,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    saw_async: bool,
    head: Option<Head>,
    /// The open brackets; for a function's body, where the function and its body begin.
    open: Vec<Option<(Head, usize)>>,
    /// The comments, documentation included, and the insides of bodies that await nothing.
    idle: Vec<Span>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Scanner<'a> {
        let bytes = text.as_bytes();
        Scanner {
            text,
            bytes,
            at: 0,
            saw_async: false,
            head: None,
            open: Vec::new(),
            idle: Vec::new(),
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn step(&mut self) {
        match self.peek(0) {
            b'/' if matches!(self.peek(1), b'/' | b'*') => self.comment(),
            b'"' => self.string(),
            b'\'' => self.quote(),
            b'(' | b'[' => {
                self.open.push(None);
                self.at += 1;
            }
            b')' | b']' => {
                self.open.pop();
                self.at += 1;
            }
            b'{' => self.open_brace(),
            b'}' => self.close_brace(),
            b';' => {
                let depth = self.open.len();
                self.head.take_if(|head| head.depth == depth);
                self.saw_async = false;
                self.at += 1;
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => self.word(),
            byte if byte.is_ascii_digit() => self.take_word(),
            _ => self.at += 1,
        }
    }

    fn open_brace(&mut self) {
        let depth = self.open.len();
        let head = self.head.take_if(|head| head.depth == depth);
        self.saw_async = false;
        self.at += 1;
        self.open.push(head.map(|head| (head, self.at)));
    }

    fn close_brace(&mut self) {
        self.saw_async = false;
        if let Some(Some((head, body))) = self.open.pop()
            && !head.is_async
            && !may_wait(&self.text[head.start..self.at])
        {
            self.blank_from(body);
        }
        self.at += 1;
    }

    /// Takes what stands between a byte and the next one to read for nothing that the parser needs.
    fn blank_from(&mut self, start: usize) {
        if let (Ok(lo), Ok(hi)) = (u32::try_from(start), u32::try_from(self.at)) {
            self.idle.push(Span { lo, hi });
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        match self.peek(1) {
            b'/' => self.skip_to(b"\n"),
            _ => self.block_comment(),
        }
        self.blank_from(start);
    }

    fn take_word(&mut self) {
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' || self.peek(0) >= 0x80 {
            self.at += 1;
        }
    }

    /// An identifier, a keyword, or the prefix of a literal.
    fn word(&mut self) {
        let start = self.at;
        self.take_word();
        let word = &self.text[start..self.at];
        match (word, self.peek(0)) {
            ("r" | "br" | "cr", b'"' | b'#') => self.raw_string(),
            ("async", _) => self.saw_async = true,
            ("fn", _) if self.names_a_function() => {
                let is_async = std::mem::take(&mut self.saw_async);
                self.head = Some(Head { start, is_async, depth: self.open.len() });
            }
            _ => {}
        }
    }

    /// Returns true unless it is the `fn` of a pointer's type, `fn(A) -> B`.
    fn names_a_function(&self) -> bool {
        let rest = self.text[self.at..].trim_start();
        rest.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }

    fn skip_to(&mut self, end: &[u8]) {
        let rest = &self.bytes[self.at..];
        let length = rest.windows(end.len()).position(|found| found == end);
        self.at += length.map_or(rest.len(), |length| length + end.len());
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth -= 1,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while self.at < self.bytes.len() && self.peek(0) != b'"' {
            self.at += if self.peek(0) == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    /// `r"..."` and `r#"..."#`; for `r#name`, nothing more than the mark.
    fn raw_string(&mut self) {
        let marks = self.bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
        if self.peek(marks) != b'"' {
            self.at += marks;
            return;
        }
        self.at += marks + 1;
        let end: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', marks)).collect();
        self.skip_to(&end);
    }

    /// A character, or the mark of a lifetime.
    fn quote(&mut self) {
        let mut rest = self.text[self.at + 1..].char_indices();
        match (rest.next(), rest.next()) {
            (Some((_, '\\')), Some((escaped, _))) => {
                self.at += 1 + escaped + 1;
                self.skip_to(b"'");
            }
            (Some(_), Some((end, '\''))) => self.at += 1 + end + 1,
            _ => self.at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text with its runs of spaces made one.
    fn blanked(text: &str) -> String {
        let blanked = blank(text);
        assert_eq!(blanked.len(), text.len());
        blanked.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn bodies_that_await_nothing_are_blanked() {
        assert_eq!(
            blanked("fn a() -> i32 { 1 + 1 } fn b() { c().await; }"),
            "fn a() -> i32 { } fn b() { c().await; }"
        );
        assert_eq!(blanked("impl A { fn a(&self) { if x { y } } }"), "impl A { fn a(&self) { } }");
        assert_eq!(blanked("async fn a() { 1 }"), "async fn a() { 1 }");
        assert_eq!(
            blanked("pub async unsafe fn a() { 1 } fn b() { 2 }"),
            "pub async unsafe fn a() { 1 } fn b() { }"
        );
        assert_eq!(
            blanked("fn a() { fn b() { 1 } async { 2 } }"),
            "fn a() { fn b() { } async { 2 } }"
        );
    }

    #[test]
    fn comments_are_blanked() {
        assert_eq!(blanked("// fn a() { 1 }\nconst B: i32 = 1; // é"), "const B: i32 = 1;");
        assert_eq!(blanked("/* fn a() { /* 1 */ 2 } */ const B: i32 = 1;"), "const B: i32 = 1;");
        assert_eq!(blanked("/// A.\nstruct A { /** B */ b: i32 }"), "struct A { b: i32 }");
        assert_eq!(blanked("const A: &str = \"// é\";"), "const A: &str = \"// é\";");
    }

    #[test]
    fn the_depth_is_that_of_brackets_in_code() {
        assert_eq!(depth("fn a() { b[(1)]; } // ((((("), 3);
        assert_eq!(depth(")]} const A: &str = \"((((\";"), 0);
    }

    #[test]
    fn what_is_no_body_stays() {
        for text in [
            "struct A { b: fn(i32) -> i32 }",
            "trait A { fn a(&self); const B: i32; }",
            "const A: &str = \"fn a() { 1 }\";",
            "const A: &str = r#\"fn a() { \"1\" }\"#;",
        ] {
            assert_eq!(blank(text), text);
        }
    }

    #[test]
    fn braces_in_literals_and_lifetimes_do_not_count() {
        assert_eq!(
            blanked(
                "fn a() { '}'; '\\''; '{' } fn b<'a>(c: &'a str) { \"}\\\"}\" } const D: u8 = b'{';"
            ),
            "fn a() { } fn b<'a>(c: &'a str) { } const D: u8 = b'{';"
        );
        assert_eq!(
            blanked("fn r#match() { r#fn; \"é\" } struct B { c: d }"),
            "fn r#match() { } struct B { c: d }"
        );
        assert_eq!(
            blanked("fn a(b: [u8; { 1 }]) -> [u8; { 2 }] { b }"),
            "fn a(b: [u8; { 1 }]) -> [u8; { 2 }] { }"
        );
    }
}

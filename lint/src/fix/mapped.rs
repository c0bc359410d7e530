//! Errors that a call behind `begin().await` makes of sqlx's: the call goes behind the lease.

use std::ops::Range;

use super::tokens::{File, are, group, names_variable, texts};

/// The methods that may stand behind the await of a connection, and make another error of its own.
pub(super) const METHODS: [&str; 5] =
    ["map_err", "context", "with_context", "wrap_err", "wrap_err_with"];

/// The call behind each await that makes the function's error of sqlx's. The lease ends in sqlx's, and has the call behind it.
#[derive(Default)]
pub(super) struct Mapped<'a> {
    /// The type that the lease's body returns.
    pub output: &'static str,
    pub behind: &'a str,
    /// The places of the call in the lease.
    pub cuts: Vec<Range<usize>>,
}

impl<'a> Mapped<'a> {
    /// Finds the call in the bytes of a lease.
    ///
    /// # Errors
    ///
    /// Why the call cannot stand behind the lease.
    pub(super) fn new(
        file: &File<'a>,
        call: &Range<usize>,
        bytes: &Range<usize>,
        has_tail: bool,
        other_error: &dyn Fn(&Range<usize>) -> Option<String>,
    ) -> Result<Mapped<'a>, String> {
        let behind = &file.text[call.clone()];
        let mapping = file.within(call);
        let call = texts(mapping);
        let tokens = file.within(bytes);
        let ends = |end: usize| {
            let start = end.checked_sub(call.len())?;
            let await_ = start.checked_sub(1).filter(|at| tokens[*at].text == "await")?;
            let is_it = texts(&tokens[start..end]) == call;
            is_it.then(|| tokens[await_].bytes.end..tokens[end - 1].bytes.end)
        };
        let refused = |line: usize| {
            format!(
                "has `{behind}` behind `begin()` or `acquire()`, and its lease could not have it behind \
                 each error (line {line})"
            )
        };
        let mut cuts = Vec::new();
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.text == "?") {
            cuts.push(ends(at).ok_or_else(|| refused(file.line(token.bytes.start)))?);
        }
        if has_tail {
            let succeeds = tokens.len() > 1 && are(&tokens[..2], &["Ok", "("]);
            match ends(tokens.len()) {
                Some(cut) => cuts.push(cut),
                None if succeeds && group(tokens, 1).len() + 3 == tokens.len() => {}
                None => return Err(refused(file.line(bytes.end))),
            }
        }
        // Before each of its places, the call's variables are still there.
        let last = cuts.iter().map(|cut| cut.end).max().unwrap_or(bytes.start);
        let moved = tokens.iter().enumerate().find(|(at, token)| {
            token.bytes.start >= last
                && token.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
                && (*at == 0 || tokens[at - 1].text != ".")
                && names_variable(mapping, &token.text)
        });
        if let Some((_, token)) = moved {
            return Err(format!(
                "has `{behind}` behind `begin()` or `acquire()`, and may move `{}` before (line {})",
                token.text,
                file.line(token.bytes.start)
            ));
        }
        if let Some(helper) = other_error(bytes) {
            return Err(format!(
                "has `{behind}` behind `begin()` or `acquire()`, and `{helper}` ends in another error"
            ));
        }
        Ok(Mapped { output: " -> shortlease::sqlx::Result<_>", behind, cuts })
    }
}

//! Checks and rewrites of the code that a lease or a leased function will have.

use std::ops::Range;

use super::tokens::{File, Token, are, has};

/// Macros whose arguments await nothing and return nowhere.
const MACROS: [&str; 24] = [
    "query", "query_as", "query_scalar", "query_file", "query_file_as", "format", "format_args",
    "vec", "json", "matches", "assert", "assert_eq", "debug_assert", "trace", "debug", "info",
    "warn", "error", "println", "eprintln", "anyhow", "eyre", "concat", "include_str",
];

/// The methods of sqlx that run a statement.
pub(super) const VERBS: [&str; 4] = ["execute", "fetch_one", "fetch_all", "fetch_optional"];

/// Returns true if the argument at a byte is that of a helper which is converted too.
pub(super) type Helper<'a> = &'a dyn Fn(usize) -> bool;

/// Returns why some code cannot stand in a lease.
pub(super) fn refusal(file: &File<'_>, bytes: &Range<usize>) -> Option<String> {
    let tokens = file.within(bytes);
    for (at, token) in tokens.iter().enumerate() {
        let line = || file.line(token.bytes.start);
        let next = tokens.get(at + 1).map_or("", |token| token.text.as_str());
        let opens = tokens.get(at + 2).is_some_and(|token| "([{".contains(token.text.as_str()));
        let is_macro = next == "!" && opens && token.text.starts_with(char::is_alphabetic);
        if is_macro && !MACROS.contains(&token.text.as_str()) {
            return Some(format!("calls the macro `{}!` in a lease (line {})", token.text, line()));
        }
        let reason = match token.text.as_str() {
            "async" | "unsafe" => "has an `async` or `unsafe` block",
            "fetch" | "fetch_many" | "stream" if next == "(" => "reads rows as a stream",
            "begin" | "savepoint" | "transaction" if next == "(" => "begins a nested transaction",
            "spawn" | "spawn_blocking" | "select" | "join_all" | "timeout" if next == "(" => {
                "runs something beside the connection"
            }
            _ => continue,
        };
        return Some(format!("{reason} (line {})", line()));
    }
    None
}

/// Returns code in which a connection's variable is passed on as a leased function's is: `tx` in place of `&mut *tx`.
///
/// # Errors
///
/// The line where it is used in another way.
pub(super) fn passing(
    file: &File<'_>,
    bytes: &Range<usize>,
    variable: &str,
    helper: Helper<'_>,
) -> Result<String, String> {
    let first = file.tokens.partition_point(|token| token.bytes.start < bytes.start);
    let end = file.tokens.partition_point(|token| token.bytes.start < bytes.end);
    let mut text = String::new();
    let mut copied = bytes.start;
    for at in first..end {
        let token = &file.tokens[at];
        if token.text != variable || is_field(&file.tokens, at) {
            continue;
        }
        let given = argument(&file.tokens, at)
            .filter(|(from, _)| is_verb(&file.tokens, *from) || helper(token.bytes.start));
        let (from, to) = given.ok_or_else(|| {
            let line = file.line(token.bytes.start);
            format!("does not pass `{variable}` to a query or a helper by itself (line {line})")
        })?;
        text.push_str(&file.text[copied..file.tokens[from].bytes.start]);
        text.push_str(variable);
        copied = file.tokens[to].bytes.end;
    }
    text.push_str(&file.text[copied..bytes.end]);
    Ok(text)
}

/// Returns true if an argument is that of one of [`VERBS`].
fn is_verb(tokens: &[Token], argument: usize) -> bool {
    let call = argument.checked_sub(3).and_then(|at| tokens.get(at..argument));
    call.is_some_and(|call| {
        call[0].text == "." && VERBS.contains(&call[1].text.as_str()) && call[2].text == "("
    })
}

/// Returns true for a name behind a point: a field or a method that is called the same.
fn is_field(tokens: &[Token], at: usize) -> bool {
    at > 0 && tokens[at - 1].text == "."
}

/// Returns the first and the last token of an argument that passes a connection on.
fn argument(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let mut first = at;
    while first > 0 && matches!(tokens[first - 1].text.as_str(), "*" | "mut" | "&") {
        first -= 1;
    }
    let mut last = at;
    let method = tokens.get(at + 1..at + 5).unwrap_or_default();
    if are(method, &[".", "as_mut", "(", ")"]) && first == at {
        last = at + 4;
    }
    let before = tokens.get(first.checked_sub(1)?)?;
    let after = tokens.get(last + 1)?;
    let alone =
        matches!(before.text.as_str(), "(" | ",") && matches!(after.text.as_str(), ")" | ",");
    alone.then_some((first, last))
}

/// Returns true if some code awaits.
pub(super) fn awaits(tokens: &[Token]) -> bool {
    has(tokens, "await")
}

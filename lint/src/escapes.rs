//! Places where code opts out of shortlease's checks, each with its reason, and raw ways to a connection.

use serde::Serialize;

use crate::allow;
use crate::source::SourceFile;
use crate::syntax::{bare_code, line_comments};

/// One place.
#[derive(Debug, Serialize)]
pub struct Escape {
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The way out: `unchecked`, `dedicated`, `allow`, `trust` or `raw`.
    pub kind: &'static str,
    /// The reason that the code gives, or the code itself.
    pub reason: String,
}

/// Ways to a connection that shortlease does not see.
const RAW: [&str; 8] = [
    ".acquire().await",
    ".begin().await",
    "PgConnection::connect",
    "SqliteConnection::connect",
    "MySqlConnection::connect",
    "PgListener::connect",
    ".detach()",
    ".leak()",
];

/// Finds them in a workspace: raw ways in all of its files, and the others where shortlease is named.
pub fn find(files: &[SourceFile]) -> Vec<Escape> {
    let mut found = Vec::new();
    for file in files {
        let (code, places) = bare_code(&file.text);
        let mut here = raw(file, &code, &places);
        if file.text.contains("shortlease") {
            here.extend(opted_out(file, &code, &places));
            here.extend(in_comments(file));
        }
        here.sort_by_key(|escape| escape.line);
        found.extend(here);
    }
    found
}

/// Finds raw ways to a connection, however lines are broken.
fn raw(file: &SourceFile, code: &str, places: &[usize]) -> Vec<Escape> {
    let ways = RAW.iter().flat_map(|way| code.match_indices(*way));
    let ways = ways.filter(|(at, way)| !(way.starts_with(".acquire") && is_limit(&code[..*at])));
    ways.map(|(at, _)| escape(file, "raw", places[at], None)).collect()
}

/// Returns true if code ends with the name of a semaphore or another limit, whose permits are no connections.
fn is_limit(code: &str) -> bool {
    const LIMITS: [&str; 10] = [
        "sem", "permit", "limit", "throttl", "concurren", "slots", "gate", "quota", "bulkhead",
        "tokens",
    ];
    let of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let name = code.rsplit(|letter| !of_name(letter)).find(|part| !part.is_empty());
    let name = name.unwrap_or_default().to_lowercase();
    LIMITS.iter().any(|limit| name.contains(limit))
}

/// Finds where code opts out of a check.
fn opted_out(file: &SourceFile, code: &str, places: &[usize]) -> Vec<Escape> {
    let mut found = Vec::new();
    for (kind, call) in [("unchecked", ".unchecked("), ("dedicated", ".dedicated(")] {
        for (at, _) in code.match_indices(call) {
            let argument = at + call.len();
            let reason = code[argument..].starts_with('"').then(|| places[argument]);
            found.push(escape(file, kind, places[at], reason));
        }
    }
    // `allow(SL004 = "reason", SL005 = "reason")`
    for (at, _) in code.match_indices("SL").filter(|(at, _)| is_argument(code, *at)) {
        let rest = code[at + 2..].trim_start_matches(|letter: char| letter.is_ascii_digit());
        if rest.starts_with("=\"") {
            let reason = code.len() - rest.len() + 1;
            found.push(escape(file, "allow", places[at], Some(places[reason])));
        }
    }
    for (at, _) in code.match_indices("trust(").filter(|(at, _)| is_argument(code, *at)) {
        found.push(escape(file, "trust", places[at], None));
    }
    found
}

/// Finds the comments that allow a finding of the audit.
fn in_comments(file: &SourceFile) -> Vec<Escape> {
    let comments = line_comments(&file.text).into_iter();
    let allows = comments.filter(|span| allow::is_allow(file.slice(*span)));
    allows
        .map(|span| {
            let start = span.lo as usize;
            let quoted = file.slice(span).find('"');
            escape(file, "allow", start, quoted.map(|at| start + at))
        })
        .collect()
}

/// Returns true for code behind a bracket or a comma.
fn is_argument(code: &str, at: usize) -> bool {
    code[..at].ends_with(['(', ','])
}

/// Makes one, with the text that begins at a byte as its reason, or else its line.
fn escape(file: &SourceFile, kind: &'static str, at: usize, reason: Option<usize>) -> Escape {
    let line = file.line(u32::try_from(at).unwrap_or(u32::MAX));
    let text = reason.and_then(|at| file.text[at..].split('"').nth(1));
    let text = text.or_else(|| file.text.lines().nth(line - 1)).unwrap_or_default();
    Escape { file: file.shown.clone(), line, kind, reason: text.trim().to_owned() }
}

//! Places where code opts out of shortlease's checks, each with its reason, and raw ways to a connection.

use serde::Serialize;

use crate::source::SourceFile;

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

/// Finds them in a workspace that uses shortlease.
pub fn find(files: &[SourceFile]) -> Vec<Escape> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.text.contains("shortlease")) {
        for (at, line) in file.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let comment = line.trim_start().starts_with("// shortlease: allow(");
            let kind = match () {
                () if comment => "allow",
                () if code.contains(".unchecked(") => "unchecked",
                () if code.contains(".dedicated(") => "dedicated",
                () if code.contains("allow(SL") => "allow",
                () if code.contains("trust(") => "trust",
                () if RAW.iter().any(|way| code.contains(way)) => "raw",
                () => continue,
            };
            found.push(Escape {
                file: file.shown.clone(),
                line: at + 1,
                kind,
                reason: reason(if comment { line } else { code }),
            });
        }
    }
    found
}

fn reason(line: &str) -> String {
    let quoted = line.split('"').nth(1);
    quoted.map_or_else(|| line.trim().to_owned(), str::to_owned)
}

//! A doc comment begins with the item or with its verb, not with a relative clause.

use std::fs;

use crate::files;

/// The folders that hold to it.
const FOLDERS: [&str; 6] =
    ["gateway/src", "lint/src", "macros/src", "mutations/src", "runtime/src", "sizing/src"];

const WORDS: [&str; 4] = ["What", "Whether", "Where", "As"];

#[test]
fn none_begins_with_a_relative_clause() {
    let mut wrong = Vec::new();
    for file in FOLDERS.into_iter().flat_map(files::of) {
        let source = fs::read_to_string(&file).unwrap();
        let found = openings(&source).filter(|(_, text)| begins_with_a_relative_clause(text));
        wrong.extend(found.map(|(line, text)| format!("{}:{line}: {text}", file.display())));
    }
    assert!(wrong.is_empty(), "{} doc comments:\n{}", wrong.len(), wrong.join("\n"));
}

/// The first lines of the doc comments in `source`, with their numbers.
fn openings(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let texts = source.lines().map(|line| {
        let line = line.trim_start();
        line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim)
    });
    let mut inside = false;
    (1..).zip(texts).filter_map(move |(number, text)| {
        let first = text.filter(|_| !inside);
        inside = text.is_some();
        first.map(|text| (number, text))
    })
}

fn begins_with_a_relative_clause(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next();
    word.is_some_and(|word| WORDS.contains(&word))
}

#[test]
fn the_first_line_counts() {
    let source =
        "//! As a module.\n\n/// Returns\n/// What it says.\nfn f() {}\n    /// Whether.\n";
    let found: Vec<_> = openings(source).collect();
    assert_eq!(found, [(1, "As a module."), (3, "Returns"), (6, "Whether.")]);
    let wrong = found.iter().filter(|(_, text)| begins_with_a_relative_clause(text));
    assert_eq!(wrong.count(), 2);
    assert!(!begins_with_a_relative_clause("Assigns a name."));
}

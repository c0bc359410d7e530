//! What the compiler says to each mistake, word for word.
//!
//! After a change of wording: `TRYBUILD=overwrite cargo test -p shortlease-ui-tests`, and read the
//! difference.

mod half_typed;

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("tests/fail/**/*.rs");
}

/// One mistake, one error; a headline that fits a terminal; lines that say what to write.
#[test]
fn form() {
    let stderrs = stderrs(Path::new("tests/fail"));
    assert!(!stderrs.is_empty());
    let mut wrong = Vec::new();
    for path in stderrs {
        let text = fs::read_to_string(&path).unwrap();
        for complaint in complaints(&text) {
            wrong.push(format!("{}: {complaint}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn complaints(stderr: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let heads: Vec<&str> = stderr.lines().filter_map(headline).collect();
    if heads.len() != 1 {
        complaints.push(format!("{} errors", heads.len()));
    }
    if stderr.lines().any(|line| line.starts_with("warning")) {
        complaints.push("a warning beside the error".into());
    }
    for head in heads {
        let (code, words) = head.split_once(": ").unwrap_or(("", head));
        let ours = code.starts_with("SL");
        let words = if ours { words } else { head };
        if words.starts_with(|first: char| first.is_uppercase()) {
            complaints.push(format!("starts with a capital: {head}"));
        }
        if words.ends_with('.') {
            complaints.push(format!("ends with a full stop: {head}"));
        }
        if head.contains("__private") || head.contains("_in_handler") {
            complaints.push(format!("a private name: {head}"));
        }
        if ours && head.chars().count() > 100 {
            complaints.push(format!("more than 100 characters: {head}"));
        }
        if ours && !ours_below(stderr).any(|line| line.starts_with("help: ")) {
            complaints.push(format!("no line that says what to write: {head}"));
        }
    }
    for line in ours_below(stderr) {
        let words = line.strip_prefix("help: ").or_else(|| line.strip_prefix("note: "));
        let lower =
            words.is_some_and(|words| !words.starts_with(|first: char| first.is_uppercase()));
        if !lower || line.ends_with('.') || line.contains("__private") || line.chars().count() > 120
        {
            complaints.push(format!("not a line to read: {line}"));
        }
    }
    complaints
}

/// The lines of our own errors, below their headlines.
fn ours_below(stderr: &str) -> impl Iterator<Item = &str> {
    stderr
        .lines()
        .filter_map(|line| line.strip_prefix("       "))
        .filter(|line| !line.starts_with(' '))
}

/// What stands after `error: ` or `error[E0000]: `.
fn headline(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("error")?;
    let (_, head) = rest
        .split_once(": ")
        .filter(|(code, _)| code.is_empty() || (code.starts_with("[E") && code.ends_with(']')))?;
    let cargo = head.starts_with("aborting due to") || head.starts_with("could not compile");
    (!cargo).then_some(head)
}

fn stderrs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(stderrs(&path));
        } else if path.extension().is_some_and(|extension| extension == "stderr") {
            found.push(path);
        }
    }
    found.sort();
    found
}

//! The table of docs/guarantee.md that says what two lints make of a connection held too long: run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use shortlease_ui_tests::aside::Aside;

const GUARANTEE: &str = include_str!("../../docs/guarantee.md");

/// The shapes in the order of the table, each with the function it is in both files.
const SHAPES: [(&str, &str); 13] = [
    ("plain await", "plain_await"),
    ("helper function that is lent the connection", "helper_function"),
    ("closure given to a generic callee", "generic_caller"),
    ("generic callee that holds the connection", "generic_callee"),
    ("`dyn` callee", "dyn_callee"),
    ("await hidden in a macro", "macro_hidden_await"),
    ("select or join", "joined"),
    ("stored lease future", "stored_future"),
    ("spawned with the connection", "spawned"),
    ("connection in a field", "in_a_field"),
    ("blocking call", "blocking"),
    ("session state", "session_state"),
    ("released by `drop` before the remote call", "released_by_drop"),
];

#[test]
fn clippys_lint() {
    let fixture = Aside::copy("compared", env!("CARGO_TARGET_TMPDIR"));
    let said = fixture.cargo(&["clippy"], &[]);
    compare("clippy", 2, &reported(&said));
}

#[test]
fn the_compilers_unstable_lint() {
    // A copy of its own: both tests run at once.
    let fixture = Aside::copy_as("compared", "compared-unstable", env!("CARGO_TARGET_TMPDIR"));
    let unstable = [("RUSTC_BOOTSTRAP", "1")];
    let said = fixture.cargo(&["check", "--features", "must_not_suspend"], &unstable);
    compare("must_not_suspend", 3, &reported(&said));
}

/// The functions that a lint reports, with their files.
fn reported(said: &[(String, usize, String)]) -> BTreeSet<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("compared");
    let function = |(file, line, text): &(String, usize, String)| {
        assert!(text.contains("across a"), "not the lint: {text}");
        let source = fs::read_to_string(folder.join(file)).unwrap();
        let before: Vec<&str> = source.lines().take(*line).collect();
        let head = before.iter().rev().find_map(|line| line.split_once("fn ")).expect("a function");
        let name = head.1.split(['(', '<']).next().unwrap();
        (file.clone(), name.to_owned())
    };
    said.iter().map(function).collect()
}

fn compare(lint: &str, column: usize, reported: &BTreeSet<(String, String)>) {
    let names = |file: &str| -> BTreeSet<&str> {
        let of_file = reported.iter().filter(|(reported, _)| reported == file);
        of_file.map(|(_, name)| name.as_str()).collect()
    };
    let (held, honest) = (names("src/held.rs"), names("src/honest.rs"));
    assert!(!held.is_empty(), "{lint} said nothing");
    let mut wrong = Vec::new();
    for (shape, name) in SHAPES {
        let word = match (held.contains(name), honest.contains(name)) {
            (true, true) => "both",
            (true, false) => "caught",
            (false, true) => "honest only",
            (false, false) => "silent",
        };
        let row = GUARANTEE.lines().find(|line| line.starts_with(&format!("| {shape} |")));
        let cell = row.and_then(|row| row.split('|').nth(column + 1)).map(str::trim);
        if cell != Some(word) {
            wrong.push(format!("{shape}: {lint} is {word:?}, docs/guarantee.md says {cell:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

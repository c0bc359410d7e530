//! The crate builds with one database and says what it needs with neither.

use std::process::Command;

/// What cargo says to a build with these features; `None` where it passes.
fn refused(features: &str) -> Option<String> {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--package", "shortlease", "--no-default-features"])
        .args(["--features", features])
        .output()
        .expect("cargo runs");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// `scripts/published features` builds the others.
#[test]
fn either() {
    for features in ["sqlite", "postgres"] {
        assert_eq!(refused(features), None, "{features}");
    }
}

#[test]
fn neither_is_one_clear_error() {
    let said = refused("").expect("no database is an error");
    assert!(said.contains("shortlease needs a database: enable its feature `sqlite`"), "{said}");
    assert_eq!(said.matches("\nerror").count() + 1, 2, "one error, and cargo's own: {said}");
}

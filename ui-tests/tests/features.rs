//! The crate builds with either database and says what it needs with neither.

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

#[test]
fn either_or_both() {
    for features in ["sqlite", "postgres", "sqlite,postgres"] {
        assert_eq!(refused(features), None, "{features}");
    }
}

#[test]
fn each_other_feature_alone() {
    for features in
        ["mysql,axum", "sqlite,lifecycle", "postgres,rmcp", "sqlite,serde", "sqlite,test"]
    {
        assert_eq!(refused(features), None, "{features}");
    }
}

#[test]
fn neither_is_one_clear_error() {
    let said = refused("").expect("no database is an error");
    assert!(said.contains("shortlease needs a database: enable its feature `sqlite`"), "{said}");
    assert_eq!(said.matches("\nerror").count() + 1, 2, "one error, and cargo's own: {said}");
}

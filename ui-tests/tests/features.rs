//! The crate builds with one database and says what it needs with neither.

use std::process::Command;

use shortlease_ui_tests::aside::Aside;

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

#[test]
fn a_test_transaction_names_its_feature() {
    let aside = Aside::copy_as("half-typed", "without-test", env!("CARGO_TARGET_TMPDIR"));
    aside.append(
        "src/lib.rs",
        "pub fn settings() -> shortlease::Builder<shortlease::Sqlite> {
            shortlease::Db::builder(\"sqlite::memory:\").test_transaction()
        }",
    );
    let errors = aside.errors(&["check"]);
    let [(file, _, said)] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(file, "src/lib.rs");
    assert_eq!(said, "`test_transaction` needs the feature `test` of shortlease");
}

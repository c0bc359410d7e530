use std::fmt;

use crate::mutation::{Target, Test};

/// The end of a run of tests.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    /// A named test failed.
    Failed {
        test: String,
    },
    /// Something else went wrong: no test ran, another one failed, or the tree does not compile.
    Broken {
        printed: String,
    },
}

impl Outcome {
    /// Reads the output of `cargo test`, which ran `tests`.
    pub(crate) fn read(success: bool, tests: &[&Test], printed: &str) -> Outcome {
        let printed = without_colours(printed);
        let results: Vec<_> = tests.iter().map(|test| result(&printed, test)).collect();
        if success && results.iter().all(|result| *result == Some("ok")) {
            return Outcome::Passed;
        }
        let failed = results.iter().position(|result| result.is_some_and(|result| result != "ok"));
        match failed {
            Some(at) if !success => Outcome::Failed { test: tests[at].name.clone() },
            _ => Outcome::Broken { printed },
        }
    }
}

/// Returns the last word of the line about `test`: cargo's `ok` or `FAILED`, trybuild's `ok`, `mismatch` or
/// `error`.
fn result<'p>(printed: &'p str, test: &Test) -> Option<&'p str> {
    let name = match test.target {
        Target::Ui => format!("tests/fail/{}.rs", test.name),
        _ => test.name.clone(),
    };
    let line = format!("test {name} ... ");
    printed.lines().find_map(|printed| printed.strip_prefix(&line))
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Passed => f.write_str("NOTICED BY NOTHING"),
            Outcome::Failed { test } => write!(f, "noticed by {test}"),
            Outcome::Broken { printed } => write!(f, "NO RESULT\n{printed}"),
        }
    }
}

/// Removes the colours of trybuild, which prints them whatever it is told.
fn without_colours(printed: &str) -> String {
    let mut pieces = printed.split("\x1b[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(success: bool, printed: &str) -> Outcome {
        let test = Test { target: Target::Ui, name: "sl001/sleep".to_owned() };
        Outcome::read(success, &[&test], printed)
    }

    #[test]
    fn only_the_named_test_counts() {
        let (ok, other) = ("test tests/fail/sl001/sleep.rs ... ok\n", "test refused ... FAILED\n");
        assert_eq!(read(true, ok), Outcome::Passed);
        let failed =
            "test \x1b[0m\x1b[1mtests/fail/sl001/sleep.rs\x1b[0m ... \x1b[31mmismatch\x1b[0m\n";
        assert_eq!(read(false, failed), Outcome::Failed { test: "sl001/sleep".to_owned() });
        for broken in ["", other, &[ok, other].concat()] {
            assert!(matches!(read(false, broken), Outcome::Broken { .. }), "{broken}");
        }
        assert!(matches!(read(true, ""), Outcome::Broken { .. }));
    }
}

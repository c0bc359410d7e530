//! The quickstart, as a new user meets it: run it, move the line it names, read the error.
#![cfg(feature = "sqlite")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HANDLER: &str = "runtime/examples/quickstart/handler.rs";

#[test]
fn runs_under_load_and_the_line_it_names_does_not_compile_in_the_lease() {
    let run = quickstart(&["--calls", "40", "--timeout", "3"]);
    let printed = text(&run.stdout);
    assert!(run.status.success(), "{printed}\n{}", text(&run.stderr));

    // requests/s, p50 ms, p99 ms, longest hold ms, failures, recorded
    let [.., usual_hold, usual_failures, usual_recorded] = row(&printed, "usual way");
    let [.., leased_failures, leased_recorded] = row(&printed, "shortlease");
    assert_eq!((leased_failures, leased_recorded), (0.0, 40.0), "{printed}");
    assert!(usual_failures > 0.0, "{printed}");
    assert_eq!(usual_failures + usual_recorded, 40.0, "{printed}");
    assert!(usual_hold >= 300.0, "it holds across the remote call: {printed}");
    assert!(printed.contains("All 40 recordings"), "{printed}");
    assert!(text(&run.stderr).contains("40/40 calls"), "no progress: {}", text(&run.stderr));

    let last: Vec<&str> = printed.lines().rev().take(3).collect();
    let [how, line, place] = last[..] else { panic!("{printed}") };
    assert!(how.starts_with("one line down, into the transaction"), "{printed}");
    let (_, at) = place.split_once(&format!("{HANDLER}:")).expect(place);
    let at: usize = at.trim_end_matches(", move").parse().expect(place);

    let refused = check_moved(at, line.trim());
    let error = text(&refused.stderr);
    assert!(!refused.status.success(), "{error}");
    assert!(error.contains("a database connection is held across this `.await`"), "{error}");
    assert!(error.contains("only database calls may be awaited while a lease is open"), "{error}");
    assert!(error.contains(&format!("--> {HANDLER}:{}:", at + 1)), "{error}");
    assert!(error.contains("due to 1 previous error"), "one mistake, one error: {error}");
}

#[test]
fn says_how_it_is_used() {
    let run = quickstart(&["--calls", "none"]);
    assert!(!run.status.success());
    assert!(text(&run.stderr).contains("usage: quickstart [--calls NUMBER]"));
}

/// Runs the example, which was built with the other tests.
fn quickstart(args: &[&str]) -> Output {
    let build = ["build", "--quiet", "--workspace", "--all-features", "--example", "quickstart"];
    let built = cargo(&workspace(), &build).output().expect("cargo runs");
    assert!(built.status.success(), "{}", text(&built.stderr));
    let example = target().join("debug/examples/quickstart");
    Command::new(example).args(args).current_dir(workspace()).output().expect("the example runs")
}

/// Checks the example with `line` in the place of the one below it, in a workspace that shares everything else with this one.
fn check_moved(at: usize, line: &str) -> Output {
    let (from, to) = (workspace(), Path::new(env!("CARGO_TARGET_TMPDIR")).join("quickstart"));
    let _ = fs::remove_dir_all(&to);
    link(&from, &to, &[".git", "runtime", "target"]);
    link(&from.join("runtime"), &to.join("runtime"), &["examples"]);
    copy(&from.join("runtime/examples"), &to.join("runtime/examples"));

    let source = fs::read_to_string(to.join(HANDLER)).expect(HANDLER);
    let mut lines: Vec<&str> = source.lines().collect();
    assert_eq!(lines[at - 1].trim(), line, "line {at} of {HANDLER}");
    lines.swap(at - 1, at);
    fs::write(to.join(HANDLER), lines.join("\n")).expect(HANDLER);

    cargo(&to, &["check", "--workspace", "--all-features", "--example", "quickstart"])
        .arg("--target-dir")
        .arg(target())
        .output()
        .expect("cargo runs")
}

fn cargo(directory: &Path, args: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(args).current_dir(directory).env("CARGO_TERM_COLOR", "never");
    cargo
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in `target`")
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The six figures of one row of the table, without their units.
fn row(printed: &str, name: &str) -> [f64; 6] {
    let row = printed.lines().find_map(|line| line.trim_start().strip_prefix(name));
    let row = row.unwrap_or_else(|| panic!("no row `{name}` in {printed}"));
    let figures: Vec<f64> = row.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    figures.try_into().unwrap_or_else(|_| panic!("not six figures: {row}"))
}

/// Makes a directory of links to what is in another, but for what is named.
fn link(from: &Path, to: &Path, without: &[&str]) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        if !without.iter().any(|name| entry.file_name() == *name) {
            symlink(entry.path(), to.join(entry.file_name())).expect("a link");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a directory");
        for entry in fs::read_dir(from).expect("a directory") {
            let name = entry.expect("an entry").file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

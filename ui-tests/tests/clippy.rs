//! The clippy.toml that is shipped: every raw access is reported, and no honest handler.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use shortlease_ui_tests::aside::Aside;

const CONFIGURATION: &str = include_str!("../../clippy/clippy.toml");

#[test]
fn every_raw_door_is_reported_and_nothing_else() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let configuration = home.join("../clippy").canonicalize().unwrap();
    let fixture = Aside::copy("clippy-fixture", env!("CARGO_TARGET_TMPDIR"));
    let reported = fixture
        .cargo(&["clippy"], &[("CLIPPY_CONF_DIR", configuration.to_str().unwrap())])
        .into_iter()
        .map(|(file, line, text)| {
            let path = text.split('`').nth(1).unwrap_or(&text).to_owned();
            (file, line, path)
        })
        .collect();
    let marked = marked(&home.join("clippy-fixture/src"));
    let missed: Vec<_> = marked.difference(&reported).collect();
    let unfounded: Vec<_> = reported.difference(&marked).collect();
    assert!(missed.is_empty(), "not reported: {missed:#?}");
    assert!(unfounded.is_empty(), "reported and not marked: {unfounded:#?}");

    // A path that fires nowhere may be one that resolves to nothing.
    let fired: BTreeSet<_> = reported.iter().map(|(_, _, path)| path.as_str()).collect();
    let listed = listed();
    assert!(listed.len() > 30, "{listed:?}");
    let silent: Vec<_> = listed.iter().filter(|path| !fired.contains(*path)).collect();
    // MySQL is not compiled here.
    assert!(silent.iter().all(|path| path.starts_with("sqlx::mysql::")), "never fired: {silent:?}");
}

/// A reason reads *what, because, instead*, after "use of a disallowed method".
#[test]
fn every_reason_has_the_form_of_our_errors() {
    for line in CONFIGURATION.lines().filter(|line| line.contains("path = ")) {
        let (_, reason) = line.split_once("reason = \"").expect(line);
        let (reason, _) = reason.split_once('"').expect(line);
        // The harm, and behind the dashes what to write instead.
        let (harm, instead) = reason.split_once(" -- ").expect(line);
        assert!(
            !harm.is_empty() && instead.starts_with(|c: char| c.is_ascii_lowercase()),
            "{line}"
        );
        assert!(!reason.ends_with('.'), "{line}");
    }
}

fn listed() -> BTreeSet<&'static str> {
    let paths = CONFIGURATION.split("path = \"").skip(1);
    paths.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The lines of the fixture that end in `//~ path`.
fn marked(folder: &Path) -> BTreeSet<(String, usize, String)> {
    let mut marked = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = format!("src/{}", path.file_name().unwrap().display());
        for (line, text) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            if let Some((_, path)) = text.split_once("//~ ") {
                marked.insert((file.clone(), line, path.to_owned()));
            }
        }
    }
    marked
}

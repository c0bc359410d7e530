//! docs/operating.md lists what the source has: settings with their defaults, metrics, events, errors.

#![cfg(feature = "sqlite")]

use std::fs;
use std::path::Path;

use shortlease::{Db, Sqlite};

const PAGE: &str = include_str!("../../docs/operating.md");

fn listed(what: &str, names: impl IntoIterator<Item = String>) {
    let names: Vec<String> = names.into_iter().collect();
    assert!(!names.is_empty(), "no {what} found in the source");
    let missing: Vec<_> = names.iter().filter(|name| !PAGE.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/operating.md has no {what} {missing:#?}");
}

#[test]
fn settings_and_their_defaults() {
    let printed = format!("{:?}", Db::<Sqlite>::builder("sqlite::memory:"));
    let (_, settings) = printed.split_once("Settings { ").unwrap();
    let (settings, _) = settings.split_once(" }").unwrap();
    listed(
        "setting",
        settings.split(", ").map(|setting| {
            let (name, value) = setting.split_once(": ").unwrap();
            let value = value.trim_start_matches("Some(").trim_end_matches(['m', 's', ')']);
            match value {
                "None" | "[]" => format!("\n| `{name}` | none"),
                value => format!("\n| `{name}` | {value} |"),
            }
        }),
    );
}

#[test]
fn metrics() {
    let source = include_str!("../src/telemetry.rs");
    let names = source.split('"').filter(|text| {
        ["db.client.", "shortlease."].iter().any(|prefix| text.starts_with(prefix))
            && !["db.client.connection.pool.name", "db.client.connection.state"].contains(text)
    });
    listed("metric", names.map(|name| format!("\n| `{name}` |")));
}

/// The text of every source file in a directory and those below it.
fn sources(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![fs::read_to_string(path).unwrap()],
        })
        .collect()
}

#[test]
fn events() {
    let mut names = Vec::new();
    for source in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        for call in source.split("tracing::").skip(1) {
            let levels = ["error!(", "warn!(", "info!(", "debug!(", "trace!("];
            if levels.iter().any(|level| call.starts_with(level)) {
                let mut quotes = call.match_indices('"').map(|(at, _)| at);
                let ends = |at: &usize| call[at + 1..].trim_start().starts_with(')');
                let end = quotes.find(ends).expect("a message at the end");
                let (_, message) = call[..end].rsplit_once('"').expect("a message");
                names.push(message.to_owned());
            }
        }
    }
    listed("event", names);
}

#[test]
fn errors() {
    let source = include_str!("../src/error.rs");
    for (item, prefix) in [("enum Error {", "\n| `"), ("enum WaitPhase {", "\n| `WaitPhase::")] {
        let (_, body) = source.split_once(item).unwrap();
        let (body, _) = body.split_once("\n}").unwrap();
        let variants = body.lines().filter_map(|line| {
            let name = line.strip_prefix("    ")?;
            let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
            name.starts_with(|c: char| c.is_uppercase())
                .then(|| format!("{prefix}{}`", &name[..end]))
        });
        listed("error", variants);
    }
    let (_, codes) = source.split_once("pub fn code(&self)").unwrap();
    let (codes, _) = codes.split_once("\n    }").unwrap();
    let codes = codes.split("Error::").skip(1).map(|arm| {
        let variant = &arm[..arm.find(|c: char| !c.is_alphanumeric()).unwrap()];
        format!("\n| `{variant}` | `{}` |", arm.split('"').nth(1).unwrap())
    });
    listed("code", codes);
}

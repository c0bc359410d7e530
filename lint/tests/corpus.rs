//! Runs the audit over the labelled corpus and gates its precision and recall.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_shortlease::audit_file;

/// The least share of findings that are right, and of mistakes that are found.
const GATE: f64 = 0.97;

const LIBRARIES: [&str; 6] =
    ["sqlx", "deadpool", "bb8", "diesel_async", "sea_orm", "tokio_postgres"];

fn files(kind: &str, library: &str) -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(kind).join(library);
    let entries = std::fs::read_dir(&folder).expect("the corpus has a folder for each library");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

/// Returns the lines and codes that a file's markers name.
fn expected(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some((_, codes)) = line.split_once("//~") else { continue };
        found.extend(codes.split_whitespace().map(|code| (at + 1, code.to_owned())));
    }
    found.sort();
    found
}

#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Score {
    fn precision(&self) -> f64 {
        share(self.right, self.wrong)
    }

    fn recall(&self) -> f64 {
        share(self.right, self.missed)
    }
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn share(part: usize, rest: usize) -> f64 {
    part as f64 / (part + rest).max(1) as f64
}

#[test]
fn precision_and_recall() {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let mut counts = (0, 0);
    for library in LIBRARIES {
        for kind in ["true", "clean"] {
            for path in files(kind, library) {
                match kind {
                    "true" => counts.0 += 1,
                    _ => counts.1 += 1,
                }
                let text = std::fs::read_to_string(&path).expect("a readable file");
                let older = text.lines().nth(1) == Some("// edition: 2021");
                let report = audit_file(&path, !older);
                assert_eq!(report.problems, Vec::<String>::new(), "{}", path.display());
                let mut wanted = expected(&text);
                assert_eq!(wanted.is_empty(), kind == "clean", "markers of {}", path.display());
                let score = scores.entry(library).or_default();
                for finding in &report.findings {
                    let found = (finding.line, finding.code.text().to_owned());
                    match wanted.iter().position(|wanted| *wanted == found) {
                        Some(at) => {
                            wanted.remove(at);
                            score.right += 1;
                        }
                        None => {
                            score.wrong += 1;
                            let shown = path.display();
                            mistakes.push(format!("false {} {shown}:{}", found.1, found.0));
                        }
                    }
                }
                score.missed += wanted.len();
                for (line, code) in wanted {
                    mistakes.push(format!("missed {code} {}:{line}", path.display()));
                }
            }
        }
    }
    let mut all = Score::default();
    println!(
        "{:<16} {:>6} {:>6} {:>6} {:>10} {:>7}",
        "", "right", "false", "missed", "precision", "recall"
    );
    for (library, score) in &scores {
        print_row(library, score);
        all.right += score.right;
        all.wrong += score.wrong;
        all.missed += score.missed;
    }
    print_row("all", &all);
    for mistake in &mistakes {
        println!("{mistake}");
    }
    assert!(counts.0 >= 120 && counts.1 >= 120, "{counts:?} functions are not enough");
    assert!(all.precision() >= GATE, "precision {:.3}", all.precision());
    assert!(all.recall() >= GATE, "recall {:.3}", all.recall());
}

fn print_row(name: &str, score: &Score) {
    println!(
        "{name:<16} {:>6} {:>6} {:>6} {:>10.3} {:>7.3}",
        score.right,
        score.wrong,
        score.missed,
        score.precision(),
        score.recall()
    );
}

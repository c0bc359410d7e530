//! `cargo shortlease`.

use std::path::PathBuf;

fn main() {
    let directory = std::env::args().skip(1).find(|arg| arg != "shortlease").map(PathBuf::from);
    let directory = directory.unwrap_or_else(|| PathBuf::from("."));
    let report = cargo_shortlease::audit(&directory, false, &cargo_shortlease::Silent);
    for finding in &report.findings {
        println!(
            "{}:{}:{} {} {} [{}] guard {:?} taken at {}: {}",
            finding.file, finding.line, finding.column, finding.code.text(), finding.message(),
            finding.subject_text, finding.guard, finding.acquired.line, finding.function
        );
    }
    for problem in &report.problems {
        eprintln!("{problem}");
    }
    eprintln!("{} findings, {} lines, {} functions, {} holding", report.findings.len(), report.lines, report.functions, report.holding.len());
}

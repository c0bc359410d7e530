//! The report for programs.

use serde::Serialize;

use crate::advice;
use crate::audit::Report;
use crate::findings::Finding;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    packages: usize,
    lines: usize,
    functions: usize,
    holding: usize,
    problems: &'a [String],
    broken: &'a [String],
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    message: String,
    help: String,
}

/// Renders findings as one JSON document.
///
/// # Errors
/// If a value cannot be written as JSON, which none of ours can be.
pub fn json(report: &Report, findings: &[&Finding]) -> Result<String, serde_json::Error> {
    let rows = findings.iter().map(|finding| Row {
        finding,
        message: finding.message(),
        help: advice::help(finding),
    });
    serde_json::to_string_pretty(&Document {
        version: 1,
        packages: report.packages,
        lines: report.lines,
        functions: report.functions,
        holding: report.holding.len(),
        problems: &report.problems,
        broken: &report.broken,
        findings: rows.collect(),
    })
}

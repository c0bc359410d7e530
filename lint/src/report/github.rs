//! The report as workflow commands of GitHub Actions.

use crate::advice;
use crate::findings::{Finding, Severity};

/// Renders findings as annotations.
pub fn github(findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let message = format!("{}\nhelp: {}", finding.message(), advice::help(finding));
        text.push_str(&format!(
            "::{level} file={},line={},col={},title={}::{}\n",
            property(&finding.file),
            finding.line,
            finding.column,
            finding.code.text(),
            data(&message)
        ));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

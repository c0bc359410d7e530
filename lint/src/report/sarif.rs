//! The report as SARIF 2.1.0.

use serde_json::{Value, json};

use crate::advice;
use crate::findings::{Code, Finding, Link, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Renders findings as a SARIF log.
pub fn sarif(findings: &[&Finding]) -> String {
    let rules: Vec<Value> = Code::ALL
        .iter()
        .map(|code| {
            let mut rule = json!({
                "id": code.text(),
                "shortDescription": { "text": code.title() },
                "help": { "text": advice::explain(*code) },
            });
            if let Some(recipe) = advice::recipe(*code) {
                rule["helpUri"] = json!(recipe);
            }
            rule
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-shortlease",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}")
}

fn result(finding: &Finding) -> Value {
    let index = Code::ALL.iter().position(|code| *code == finding.code);
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let taken = finding.taken();
    let taken =
        taken.map(|taken| location(&finding.file, finding.acquired.line, None, Some(&taken)));
    let links = finding.callers.iter().chain(&finding.callees).map(|link: &Link| {
        location(&link.file, link.line, None, Some(&format!("in `{}`", link.function)))
    });
    let related: Vec<Value> = taken.into_iter().chain(links).collect();
    json!({
        "ruleId": finding.code.text(),
        "ruleIndex": index,
        "level": level,
        "message": { "text": format!("{}. {}", finding.message(), advice::help(finding)) },
        "locations": [location(&finding.file, finding.line, Some(finding.column), None)],
        "relatedLocations": related,
        "partialFingerprints": { "shortlease/v1": finding.key() },
        "properties": { "confidence": finding.confidence, "waits": finding.waits },
    })
}

fn location(file: &str, line: usize, column: Option<usize>, message: Option<&str>) -> Value {
    let mut region = json!({ "startLine": line });
    if let Some(column) = column {
        region["startColumn"] = json!(column);
    }
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": region,
        },
    });
    if let Some(message) = message {
        location["message"] = json!({ "text": message });
    }
    location
}

/// Returns a path as a relative reference, in which only some characters stand for themselves.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(uri("src\\a b/100%#é.rs"), "src/a%20b/100%25%23%C3%A9.rs");
    }
}

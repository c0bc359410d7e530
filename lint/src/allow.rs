//! Comments that allow a finding: `// shortlease: allow(SA001, reason = "..")`.

use crate::findings::{Code, Confidence, Finding, GuardKind, Place, Severity, Use, Waits};
use crate::source::SourceFile;
use crate::syntax::{Span, line_comments};

const MARK: &str = "shortlease: allow(";

/// One comment.
#[derive(Debug)]
struct Allow {
    line: usize,
    span: Span,
    codes: Vec<Code>,
    has_reason: bool,
    used: bool,
}

/// A function's statements, as first and last line each.
pub(crate) type Statements = Vec<(usize, usize)>;

/// Removes findings that a comment allows, and adds one for each comment that allows nothing or gives no reason.
pub(crate) fn apply(
    files: &[SourceFile],
    statements: impl Fn(usize) -> Statements,
    findings: &mut Vec<Finding>,
    package_of: impl Fn(usize) -> String,
) {
    for (at, file) in files.iter().enumerate() {
        if !file.text.contains(MARK) {
            continue;
        }
        let mut allows = read(file);
        findings.retain(|finding| {
            if finding.file_index != at {
                return true;
            }
            let lines = statements(finding.function_index);
            let allowed = allows.iter_mut().find(|allow| {
                allow.has_reason
                    && allow.codes.contains(&finding.code)
                    && covers(allow.line, finding.line, &lines)
            });
            match allowed {
                Some(allow) => {
                    allow.used = true;
                    false
                }
                None => true,
            }
        });
        for allow in allows.iter().filter(|allow| !allow.used) {
            findings.push(unused(file, at, allow, package_of(at)));
        }
    }
}

/// Returns true if a comment stands on the finding's line, or in front of a statement with the finding in it.
fn covers(comment: usize, finding: usize, statements: &Statements) -> bool {
    comment == finding
        || comment + 1 == finding
        || statements
            .iter()
            .any(|(first, last)| *first == comment + 1 && (*first..=*last).contains(&finding))
}

fn read(file: &SourceFile) -> Vec<Allow> {
    let mut found = Vec::new();
    for comment in line_comments(&file.text) {
        // A doc comment shows how it is written, and allows nothing.
        let text = file.slice(comment).trim_end();
        let inside = text.strip_prefix("//").map(str::trim_start);
        let Some(after) = inside.and_then(|inside| inside.strip_prefix(MARK)) else { continue };
        let inside = after.split_once(')').map_or(after, |(inside, _)| inside);
        let codes = inside.split(',').filter_map(|word| Code::parse(word.trim())).collect();
        let reason = after.split_once("reason").and_then(|(_, rest)| rest.split_once('"'));
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        found.push(Allow {
            line: file.line(comment.lo),
            span: Span { lo: comment.lo, hi: comment.lo.saturating_add(length) },
            codes,
            has_reason: reason.is_some_and(|(_, text)| !text.trim_start().starts_with('"')),
            used: false,
        });
    }
    found
}

fn unused(file: &SourceFile, at: usize, allow: &Allow, package: String) -> Finding {
    let (line, column) = file.position(allow.span.lo);
    let place = Place { span: allow.span, line };
    Finding {
        code: Code::Sa011,
        severity: Severity::Warning,
        confidence: Confidence::High,
        waits: Waits::Nothing,
        file: file.shown.clone(),
        package,
        line,
        column,
        function: String::new(),
        function_line: line,
        subject_text: file.slice(allow.span).trim().to_owned(),
        subject: place,
        guard: None,
        guard_kind: GuardKind::Connection,
        acquired: place,
        is_parameter: false,
        next_use: None,
        between_rows: false,
        helpers: Vec::new(),
        before: Use::Nothing,
        after: Use::Nothing,
        callers: Vec::new(),
        callees: Vec::new(),
        test: file.aside,
        chained: 0,
        is_handler: false,
        is_middleware: false,
        span: allow.span,
        file_index: at,
        function_index: usize::MAX,
    }
}
